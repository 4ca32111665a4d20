using Microsoft.Extensions.Logging;

namespace AiOs.Telemetry;

public static partial class Log
{
    /// <summary>An app's intents were trained. Accuracy is cross-validated, 0 to 1.</summary>
    [LoggerMessage(LogLevel.Information, "Trained {Head}: {Intents} intents from {Examples} examples, accuracy {Accuracy:F3}, {Bytes} bytes, {Milliseconds} ms")]
    public static partial void IntentHeadTrained(this ILogger log, string head, int intents, int examples, double accuracy, int bytes, long milliseconds);
}
