using Microsoft.Extensions.Logging;

namespace AiOs.Telemetry;

public static partial class Log
{
    /// <summary>An action came to an end.</summary>
    [LoggerMessage(4101, LogLevel.Information, "Run {RunId}, step {Step}: {Connector} is {Outcome} after {Requests} requests.")]
    public static partial void ActionEnded(this ILogger logger, string runId, string step, string connector, Enum outcome, int requests);

    /// <summary>An action is tried again.</summary>
    [LoggerMessage(4102, LogLevel.Warning, "Run {RunId}, step {Step}: attempt {Attempt} of {Connector} went wrong and is repeated. {Reason}")]
    public static partial void ActionRetried(this ILogger logger, string runId, string step, string connector, int attempt, string reason);
}
