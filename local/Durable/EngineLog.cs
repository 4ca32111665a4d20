using Microsoft.Extensions.Logging;

namespace AiOs.Local.Durable;

/// <summary>What the engine logs. Never payloads.</summary>
static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Information, "The durable engine is ready: {Path}, {Tasks} activities and {Instances} instances go on.")]
    public static partial void EngineStarted(this ILogger log, string path, int tasks, int instances);

    [LoggerMessage(2, LogLevel.Information, "The durable engine has stopped; {Left} activities run again at the next start.")]
    public static partial void EngineStopped(this ILogger log, int left);

    [LoggerMessage(3, LogLevel.Critical, "The durable engine cannot go on; nothing that was acknowledged is lost.")]
    public static partial void EngineFaulted(this ILogger log, Exception failure);

    [LoggerMessage(4, LogLevel.Error, "A commit failed.")]
    public static partial void CommitFailed(this ILogger log, Exception failure);

    [LoggerMessage(5, LogLevel.Debug, "Orchestration {Name} ({InstanceId}) started.")]
    public static partial void OrchestrationStarted(this ILogger log, string name, string instanceId);

    [LoggerMessage(6, LogLevel.Debug, "Orchestration {Name} ({InstanceId}) ended: {Status}.")]
    public static partial void OrchestrationEnded(this ILogger log, string name, string instanceId, string status);

    [LoggerMessage(7, LogLevel.Warning, "Orchestration {Name} ({InstanceId}) failed.")]
    public static partial void OrchestrationFailed(this ILogger log, Exception? failure, string name, string instanceId);

    [LoggerMessage(8, LogLevel.Warning, "Activity {Name} of {InstanceId} failed.")]
    public static partial void ActivityFailed(this ILogger log, Exception failure, string name, string instanceId);

    [LoggerMessage(9, LogLevel.Warning, "Operation {Operation} of entity {EntityId} failed.")]
    public static partial void OperationFailed(this ILogger log, Exception failure, string operation, string entityId);

    [LoggerMessage(10, LogLevel.Error, "Instance {Key} could not be worked on; it goes on at the next start.")]
    public static partial void InstanceStuck(this ILogger log, Exception failure, long key);

    [LoggerMessage(20, LogLevel.Information, "Orchestration {Name} ({InstanceId}) was rewound, {Instances} instances in all.")]
    public static partial void OrchestrationRewound(this ILogger log, string name, string instanceId, int instances);

    [LoggerMessage(12, LogLevel.Warning, "The services of instance {Key} could not be disposed.")]
    public static partial void ScopeUndisposed(this ILogger log, Exception failure, long key);

    [LoggerMessage(23, LogLevel.Error, "The file could not be read; the engine tries again.")]
    public static partial void ReadFailed(this ILogger log, Exception failure);

    [LoggerMessage(24, LogLevel.Warning, "Not everything could be written before the stop; it goes on at the next start.")]
    public static partial void StopUnsettled(this ILogger log, Exception failure);

    [LoggerMessage(11, LogLevel.Error, "Timers could not be read; they are read again with the next one.")]
    public static partial void TimersUnread(this ILogger log, Exception failure);
}
