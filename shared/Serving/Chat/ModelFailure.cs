namespace AiOs.Serving.Chat;

/// <summary>Why a model gave no answer, or only a part of one.</summary>
public enum ModelFailure
{
    /// <summary>Too many requests (429).</summary>
    Throttled,

    /// <summary>No connection, or the server failed before it began (5xx).</summary>
    Unavailable,

    /// <summary>The endpoint does not take the request: key, model name, parameters (4xx), or a redirect, which is never followed.</summary>
    Rejected,

    /// <summary>The answer stopped before its end, or cannot be read; it may have been paid for.</summary>
    Broken,

    /// <summary>It reached its longest length before its end.</summary>
    CutOff,

    /// <summary>A content filter held it back.</summary>
    Filtered,

    /// <summary>The model declined.</summary>
    Refused,

    /// <summary>The time was up.</summary>
    TimedOut,

    /// <summary>The answer does not have the form that was asked for.</summary>
    Malformed,

    /// <summary>No sentence of it stood the check against its sources.</summary>
    Unsupported,

    /// <summary>This process ended while the model answered.</summary>
    Interrupted,

    /// <summary>A hard budget does not cover the call; it was not made.</summary>
    OverBudget,
}

/// <summary>A model that could not be asked, or did not answer well. The message holds neither a key nor what the endpoint said.</summary>
/// <param name="failure">What it was.</param>
/// <param name="detail">For people who read logs: a status, a kind of exception.</param>
/// <param name="retryAfter">When the endpoint wants to be asked again.</param>
public sealed class ModelException(ModelFailure failure, string detail, TimeSpan? retryAfter = null) : Exception($"{failure}: {detail}")
{
    /// <summary>What it was.</summary>
    public ModelFailure Failure => failure;

    /// <summary>For people who read logs: a status, a kind of exception.</summary>
    public string Detail => detail;

    /// <summary>When the endpoint wants to be asked again; null where it does not say.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>What the endpoint answered (an HTTP status); null where it did not answer.</summary>
    public int? Status { get; init; }

    /// <summary>The parameter that the endpoint does not take, where it names one.</summary>
    public string? Param { get; init; }

    /// <summary>Whether the endpoint has done its work, which is paid for, and only then turned out not to have what was asked.</summary>
    public bool HasWorked { get; init; }

    /// <summary>Whether it is the request's own fault, so that no other deployment would take it either.</summary>
    public bool IsRequests => failure is ModelFailure.Filtered || (failure is ModelFailure.Rejected && Status is 400 or 413 or 422);

    /// <summary>Whether asking again may help: nothing has been answered, and nothing is wrong with the request.</summary>
    public bool CanRetry => failure is ModelFailure.Throttled or ModelFailure.Unavailable;
}
