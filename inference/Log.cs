namespace AiOs.Inference;

/// <summary>Log messages of the inference server. No message holds what a caller sent.</summary>
static partial class Log
{
    [LoggerMessage(7001, LogLevel.Information, "{Model} version {Version} is served on {Provider} ({Digest}).")]
    public static partial void VersionLoaded(this ILogger logger, string model, int version, string provider, string digest);

    [LoggerMessage(7002, LogLevel.Error, "{Model} version {Version} is refused: {Reason}")]
    public static partial void VersionRefused(this ILogger logger, string model, int version, string reason);

    [LoggerMessage(7003, LogLevel.Information, "{Model} version {Version} is drained and gone.")]
    public static partial void VersionDrained(this ILogger logger, string model, int version);

    [LoggerMessage(7004, LogLevel.Error, "{Model} is not served as it should be: {Reason}")]
    public static partial void ModelRefused(this ILogger logger, string model, string reason);

    [LoggerMessage(7005, LogLevel.Information, "Models run on {Provider} ({Reason}).")]
    public static partial void ProviderChosen(this ILogger logger, string provider, string reason);

    [LoggerMessage(7006, LogLevel.Error, "A request failed in a way that nobody expected.")]
    public static partial void RequestFailed(this ILogger logger, Exception exception);
}
