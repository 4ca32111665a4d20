using AiOs.Serving.Chat;

namespace AiOs.Serving.Calls;

/// <summary>What was asked of a model.</summary>
public enum CallKind
{
    /// <summary>A chat completion.</summary>
    Chat,

    /// <summary>Vectors of texts.</summary>
    Embeddings,

    /// <summary>Named tensors in, named tensors out: scores and classes.</summary>
    Tensors,
}

/// <summary>Where the answer of a call came from.</summary>
public enum CallEnd
{
    /// <summary>From a deployment.</summary>
    Answered,

    /// <summary>From the cache: the same request.</summary>
    Cached,

    /// <summary>From the cache: a request of nearly the same meaning.</summary>
    CachedByMeaning,

    /// <summary>The stated degraded answer: every target failed.</summary>
    Degraded,

    /// <summary>Nowhere: the caller got an error.</summary>
    Failed,
}

/// <summary>A target that was passed over, and why.</summary>
/// <param name="Deployment">Name of the deployment.</param>
/// <param name="Reason">A word of a closed list: a <see cref="ModelFailure"/>, or <c>CircuitOpen</c>, <c>Saturated</c>, <c>NoTime</c>.</param>
public sealed record Fallback(string Deployment, string Reason);

/// <summary>Who pays for a call.</summary>
/// <param name="App">The app, or <c>-</c> for a caller of <c>/v1</c> that names none.</param>
/// <param name="Principal">Id of the principal.</param>
/// <param name="Model">Logical name of the model.</param>
public sealed record Spender(string App, string Principal, string Model);

/// <summary>Everything that is known of one call of a logical model when it has ended: what captures, metrics and costs are made of.</summary>
public sealed record CallFacts
{
    /// <summary>Id of the call, unique.</summary>
    public required string CallId { get; init; }

    /// <summary>What was asked.</summary>
    public required CallKind Kind { get; init; }

    /// <summary>Who pays.</summary>
    public required Spender Spender { get; init; }

    /// <summary>The deployment that answered, or was asked last; null where none was.</summary>
    public string? Deployment { get; init; }

    /// <summary>Its version of the model, where it says one.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>The run that asked, and its step; null outside a run.</summary>
    public string? RunId { get; init; }

    /// <inheritdoc cref="RunId"/>
    public string? Step { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>How long it took, all attempts together.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>How long it waited for a place; null where it did not.</summary>
    public TimeSpan? Queued { get; init; }

    /// <summary>Until the first piece of a streamed answer.</summary>
    public TimeSpan? FirstPiece { get; init; }

    /// <summary>How many times a deployment was asked.</summary>
    public int Attempts { get; init; }

    /// <summary>What it used and cost.</summary>
    public required ModelUsage Usage { get; init; }

    /// <summary>Where the answer came from.</summary>
    public required CallEnd End { get; init; }

    /// <summary>Targets passed over, in their order.</summary>
    public IReadOnlyList<Fallback> Fallbacks { get; init; } = [];

    /// <summary>Why the last attempt failed; null where it did not.</summary>
    public ModelFailure? Failure { get; init; }

    /// <summary>Whether this is the copy of a call that a shadow deployment got; its answer went to nobody.</summary>
    public bool Shadow { get; init; }

    /// <summary>Whether the request is marked sensitive: never cached, and captured without input and output.</summary>
    public bool Sensitive { get; init; }

    /// <summary>The masked input, as JSON.</summary>
    public string? Input { get; init; }

    /// <summary>The masked output, as JSON; null where there was none.</summary>
    public string? Output { get; init; }
}
