using Microsoft.Extensions.Logging;

namespace AiOs.Telemetry;

public static partial class Log
{
    /// <summary>The file of models has changed and is in force.</summary>
    [LoggerMessage(4321, LogLevel.Information, "The models of {File} have changed and are in force.")]
    public static partial void ModelsChanged(this ILogger logger, string file);

    /// <summary>The file of models has changed and makes no sense.</summary>
    [LoggerMessage(4322, LogLevel.Error, "The models of {File} have changed and make no sense; those before stay in force. {Problems}")]
    public static partial void ModelsRefused(this ILogger logger, string file, string problems);
}
