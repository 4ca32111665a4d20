namespace AiOs.Serving.Reports;

/// <summary>How models did in this instance within the last minutes.</summary>
/// <param name="WindowSeconds">How long ago the oldest call counted may have ended.</param>
/// <param name="RelativeError">How far a quantile may be from the exact one, as a share of it.</param>
/// <param name="Models">By name.</param>
/// <param name="CapturesWritten">Calls that were captured since the start of this instance.</param>
/// <param name="CapturesDropped">Calls that were not, because too many waited for the disk.</param>
public sealed record ServingReport(double WindowSeconds, double RelativeError, IReadOnlyList<ModelReport> Models, long CapturesWritten, long CapturesDropped);

/// <summary>A logical model: all its calls, and those of each deployment, those that shadow others apart.</summary>
public sealed record ModelReport(string Model, CallReport Calls, IReadOnlyList<DeploymentReport> Deployments);

/// <summary>A deployment: the calls that it answered or was the last to fail. A call that went on to another is among its <paramref name="PassedOver"/>, by reason.</summary>
public sealed record DeploymentReport(string Deployment, bool Shadow, CallReport Calls, IReadOnlyDictionary<string, long> PassedOver);

/// <summary>Calls that ended within the window.</summary>
public sealed record CallReport
{
    /// <summary>How many.</summary>
    public required long Calls { get; init; }

    /// <summary>How many a second, over the window or the time since the first of them.</summary>
    public required double PerSecond { get; init; }

    /// <summary>How many were under way at the same time, on average (Little's law: rate times mean time).</summary>
    public required double Concurrency { get; init; }

    /// <summary>How long they took; null where there were none.</summary>
    public Latency? Took { get; init; }

    /// <summary>How long those that waited for a place waited.</summary>
    public Latency? Queued { get; init; }

    /// <summary>Until the first piece of streamed answers.</summary>
    public Latency? FirstPiece { get; init; }

    /// <summary>Calls that ended with an error for the caller, as a share.</summary>
    public required double ErrorRate { get; init; }

    /// <summary>Calls whose last attempt ran out of time, as a share.</summary>
    public required double TimeoutRate { get; init; }

    /// <summary>Calls for which at least one target was passed over, as a share.</summary>
    public required double FallbackRate { get; init; }

    /// <summary>Calls that got the stated degraded answer, as a share.</summary>
    public required double DegradedRate { get; init; }

    /// <summary>Calls answered from the cache, as a share.</summary>
    public required double CacheHitRate { get; init; }

    /// <summary>Why last attempts failed, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Failures { get; init; }

    /// <summary>Why targets were passed over, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Fallbacks { get; init; }

    /// <summary>Tokens sent.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Tokens received.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>What they cost, in the operator's currency.</summary>
    public required decimal Cost { get; init; }
}

/// <summary>Quantiles of a time, in milliseconds.</summary>
public sealed record Latency(double P50Ms, double P95Ms, double P99Ms);
