using Microsoft.Extensions.Logging;

namespace AiOs.Telemetry;

public static partial class Log
{
    /// <summary>A model gave no usable answer at one attempt.</summary>
    [LoggerMessage(4201, LogLevel.Warning, "Model {Model} of {App}, attempt {Attempt}: {Detail}")]
    public static partial void ModelFailed(this ILogger logger, string model, string app, int attempt, string detail);
}
