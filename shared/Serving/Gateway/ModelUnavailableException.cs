using System.Globalization;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Gateway;

/// <summary>There is no model of that name.</summary>
public sealed class UnknownModelException(string model) : Exception($"There is no model '{(model.Length > 100 ? model[..100] : model)}'; GET /v1/models lists those that there are.");

/// <summary>No deployment of a model answered.</summary>
public sealed class ModelUnavailableException : Exception
{
    internal ModelUnavailableException(string model, ModelException? cause, ModelUsage usage, TimeSpan? retryAfter) : base($"No deployment of '{model}' answered{Words(cause)}.") =>
        (Cause, Failure, Usage, RetryAfter) = (cause, cause?.Failure, usage, retryAfter);

    internal ModelUnavailableException(string model, ModelException cause, ModelUsage usage) : base(cause.Failure == ModelFailure.Filtered
        ? $"A content filter of '{model}' held the request back."
        : $"'{model}' does not take this request{(cause.Param is null ? "" : $": see '{cause.Param}'")}; send other parameters.") =>
        (Cause, Failure, Param, Usage, IsRequests) = (cause, cause.Failure, cause.Param, usage, true);

    /// <summary>What the last one said; null where none was asked.</summary>
    public ModelException? Cause { get; }

    /// <summary>What the attempts used.</summary>
    public ModelUsage Usage { get; }

    /// <summary>Why the last one did not; null where none was asked.</summary>
    public ModelFailure? Failure { get; }

    /// <summary>When to ask again.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The parameter that an endpoint does not take, where it names one.</summary>
    public string? Param { get; }

    /// <summary>Whether the request is to blame.</summary>
    public bool IsRequests { get; }

    /// <summary>Nothing that an endpoint said: only what it did.</summary>
    static string Words(ModelException? cause) => cause switch
    {
        null => "",
        { Failure: ModelFailure.Rejected, Status: null } => ": the model refused the request",
        { Failure: ModelFailure.Rejected, Status: { } status } => string.Create(CultureInfo.InvariantCulture, $": the endpoint refused the request ({status})"),
        { Failure: ModelFailure.Malformed } => ": what the model says is no finite number",
        { Failure: ModelFailure.CutOff } => ": the answer is too large; send fewer rows",
        _ => $" ({cause.Failure})",
    };
}
