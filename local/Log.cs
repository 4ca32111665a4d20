using Microsoft.Extensions.Logging;

namespace AiOs.Local;

/// <summary>Every log message of the embedded host.</summary>
static partial class Log
{
    [LoggerMessage(3001, LogLevel.Debug, "Function {Function} ended ({InvocationId}, {Milliseconds:F1} ms)")]
    public static partial void FunctionEnded(this ILogger log, string function, string invocationId, double milliseconds);

    [LoggerMessage(3002, LogLevel.Error, "Function {Function} failed ({InvocationId}, {Milliseconds:F1} ms)")]
    public static partial void FunctionFailed(this ILogger log, Exception failure, string function, string invocationId, double milliseconds);

    [LoggerMessage(3013, LogLevel.Information, "Function {Function} was cancelled ({InvocationId}, {Milliseconds:F1} ms)")]
    public static partial void FunctionCancelled(this ILogger log, string function, string invocationId, double milliseconds);

    [LoggerMessage(3003, LogLevel.Information, "Hosting {Functions} functions at {Address}")]
    public static partial void HostStarted(this ILogger log, int functions, Uri address);

    [LoggerMessage(3004, LogLevel.Debug, "Function {Function} returned no HTTP response ({InvocationId})")]
    public static partial void NoHttpResponse(this ILogger log, string function, string invocationId);

    [LoggerMessage(3005, LogLevel.Warning, "Message {MessageId} of queue {Queue} failed at delivery {Delivery} and will come back: {Reason}")]
    public static partial void MessageFailed(this ILogger log, string messageId, string queue, long delivery, string reason);

    [LoggerMessage(3006, LogLevel.Error, "Message {MessageId} of queue {Queue} failed at delivery {Delivery} and was put into {Poison}: {Reason}")]
    public static partial void MessagePoisoned(this ILogger log, string messageId, string queue, long delivery, string poison, string reason);

    [LoggerMessage(3007, LogLevel.Warning, "Message {MessageId} of queue {Queue} was taken by somebody else while it was worked on")]
    public static partial void MessageLost(this ILogger log, string messageId, string queue);

    [LoggerMessage(3008, LogLevel.Error, "Queue {Queue} cannot be read; the next look is in {Seconds} s")]
    public static partial void QueueUnreadable(this ILogger log, Exception failure, string queue, double seconds);

    [LoggerMessage(3009, LogLevel.Information, "{Count} messages of queue {Queue} were given back at shutdown")]
    public static partial void MessagesGivenBack(this ILogger log, int count, string queue);

    [LoggerMessage(3010, LogLevel.Error, "Timer {Function} failed")]
    public static partial void TimerFailed(this ILogger log, Exception failure, string function);

    [LoggerMessage(3011, LogLevel.Warning, "Timer {Function} has no further occurrence")]
    public static partial void TimerEnded(this ILogger log, string function);

    [LoggerMessage(3012, LogLevel.Warning, "Function {Function} failed at attempt {Attempt} and is repeated in {Seconds} s")]
    public static partial void FunctionRepeats(this ILogger log, Exception failure, string function, int attempt, double seconds);

    [LoggerMessage(3020, LogLevel.Error, "The durable management call {Operation} failed")]
    public static partial void ManagementFailed(this ILogger log, Exception failure, string operation);
}
