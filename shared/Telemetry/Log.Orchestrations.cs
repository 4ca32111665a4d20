using Microsoft.Extensions.Logging;

namespace AiOs.Telemetry;

/// <summary>Log messages of runs. No message holds personal data.</summary>
public static partial class Log
{
    /// <summary>What was done could not be taken back; a person must.</summary>
    [LoggerMessage(2001, LogLevel.Error, "Run {RunId}: undoing step {Step} failed: {Reason}. A person has to take it back.")]
    public static partial void UndoFailed(this ILogger logger, string runId, string step, string reason);

    /// <summary>A run ended.</summary>
    [LoggerMessage(2002, LogLevel.Information, "Run {RunId} of {App} ended {Status}.")]
    public static partial void RunEnded(this ILogger logger, string runId, string app, string status);

    /// <summary>A version of an app is in force.</summary>
    [LoggerMessage(2003, LogLevel.Information, "{App} was deployed by run {RunId}.")]
    public static partial void AppDeployed(this ILogger logger, string app, string runId);

    /// <summary>A conversation goes on with the version in force, because its own cannot be run any more.</summary>
    [LoggerMessage(2004, LogLevel.Warning, "A conversation of {App} {Version} goes on with {InForce}: {Reason}")]
    public static partial void ConversationLeftVersion(this ILogger logger, string app, string version, string inForce, string reason);
}
