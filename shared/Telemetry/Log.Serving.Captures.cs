using Microsoft.Extensions.Logging;

namespace AiOs.Telemetry;

public static partial class Log
{
    /// <summary>Captures could not be written.</summary>
    [LoggerMessage(4311, LogLevel.Warning, "{Calls} calls of models could not be captured.")]
    public static partial void CapturesLost(this ILogger logger, int calls, Exception exception);

    /// <summary>Old captures could not be removed; the next sweep tries again.</summary>
    [LoggerMessage(4312, LogLevel.Warning, "Old captures could not be removed; the next sweep tries again.")]
    public static partial void CapturesNotSwept(this ILogger logger, Exception exception);
}
