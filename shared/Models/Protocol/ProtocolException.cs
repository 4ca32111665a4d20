namespace AiOs.Models.Protocol;

/// <summary>A request that cannot be answered: becomes <c>{"error": message}</c> with <paramref name="status"/>.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="message">What is wrong and what to send instead; never holds a secret or a path of the server.</param>
/// <param name="retryAfter">Where waiting helps: how many seconds.</param>
sealed class ProtocolException(int status, string message, int? retryAfter = null) : Exception(message)
{
    public int Status { get; } = status;

    public int? RetryAfter { get; } = retryAfter;

    /// <summary>Which field of the request it is (<c>inputs[1]</c>); null where none is, or nobody knows.</summary>
    public string? Field { get; init; }

    public static ProtocolException Bad(string message) => new(400, message);
}
