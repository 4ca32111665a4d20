using AiOs.Serving.Calls;

namespace AiOs.Serving.Routing;

/// <summary>When the cache answers.</summary>
public enum CacheUse
{
    /// <summary>Where every deployment has failed.</summary>
    Fallback,

    /// <summary>Before a deployment is asked.</summary>
    Always,
}

/// <summary>Answers that are kept for the same principal and app. What is marked sensitive is never among them.</summary>
/// <param name="Keep">How long an answer stays.</param>
/// <param name="Use">When it is given again.</param>
/// <param name="Likeness">The least cosine of two questions that count as one, the rest of the request being the same; null for exact repetitions only.</param>
public sealed record CacheSettings(TimeSpan Keep, CacheUse Use = CacheUse.Fallback, double? Likeness = null);

/// <summary>A model by its logical name, and everything that may answer for it.</summary>
/// <param name="Name">The logical name that callers use.</param>
/// <param name="Kind">What is asked of it.</param>
/// <param name="Deployments">In the order in which they are asked.</param>
public sealed record RouteSettings(string Name, CallKind Kind, IReadOnlyList<DeploymentSettings> Deployments)
{
    /// <summary>How long a call may take, all attempts and deployments together.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest answer in tokens.</summary>
    public int MaxTokens { get; init; } = 4_096;

    /// <summary>The most tokens that one image counts for: so many are set aside for each, because its address does not tell.</summary>
    public int ImageTokens { get; init; } = 50_000;

    /// <summary>Whether and how answers are kept; null for not at all.</summary>
    public CacheSettings? Cache { get; init; }

    /// <summary>What is said where nothing and nobody answered; null for an error.</summary>
    public string? Degraded { get; init; }
}
