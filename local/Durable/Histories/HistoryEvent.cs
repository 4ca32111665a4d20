using System.Text.Json.Serialization;

namespace AiOs.Local.Durable.Histories;

/// <summary>One fact of an orchestration. Stored; members are only ever added, and only optional ones.</summary>
[JsonDerivedType(typeof(ExecutionStarted), "executionStarted")]
[JsonDerivedType(typeof(TaskCompleted), "taskCompleted")]
[JsonDerivedType(typeof(TaskFailed), "taskFailed")]
[JsonDerivedType(typeof(TimerFired), "timerFired")]
[JsonDerivedType(typeof(EventRaised), "eventRaised")]
[JsonDerivedType(typeof(SubOrchestrationCompleted), "subOrchestrationCompleted")]
[JsonDerivedType(typeof(SubOrchestrationFailed), "subOrchestrationFailed")]
[JsonDerivedType(typeof(EntityReplied), "entityReplied")]
[JsonDerivedType(typeof(ExecutionTerminated), "executionTerminated")]
[JsonDerivedType(typeof(ExecutionSuspended), "executionSuspended")]
[JsonDerivedType(typeof(ExecutionResumed), "executionResumed")]
[JsonDerivedType(typeof(ExecutionRewound), "executionRewound")]
[JsonDerivedType(typeof(TaskScheduled), "taskScheduled")]
[JsonDerivedType(typeof(TimerCreated), "timerCreated")]
[JsonDerivedType(typeof(SubOrchestrationScheduled), "subOrchestrationScheduled")]
[JsonDerivedType(typeof(EventSent), "eventSent")]
[JsonDerivedType(typeof(EntityCalled), "entityCalled")]
[JsonDerivedType(typeof(EntitySignaled), "entitySignaled")]
[JsonDerivedType(typeof(LocksRequested), "locksRequested")]
[JsonDerivedType(typeof(LocksReleased), "locksReleased")]
[JsonDerivedType(typeof(ExecutionCompleted), "executionCompleted")]
abstract record HistoryEvent;

/// <summary>A fact that answers the task of that number.</summary>
abstract record TaskAnswered(int TaskId) : HistoryEvent;

/// <summary>Execution number <paramref name="Generation"/> began: 0, and one more at each continue-as-new.</summary>
/// <param name="Generation">Its number.</param>
/// <param name="Carried">Events that the one before had not waited for.</param>
/// <param name="NotBefore">Its first moment, UTC ticks: after the last of the one before, so that no id is made twice.</param>
sealed record ExecutionStarted(int Generation, IReadOnlyList<EventRaised>? Carried = null, long? NotBefore = null) : HistoryEvent;

sealed record TaskCompleted(int TaskId, string? Result) : TaskAnswered(TaskId);

sealed record TaskFailed(int TaskId, Failure Failure) : TaskAnswered(TaskId);

sealed record TimerFired(int TaskId) : TaskAnswered(TaskId);

sealed record EventRaised(string Name, string? Input) : HistoryEvent;

sealed record SubOrchestrationCompleted(int TaskId, string? Result) : TaskAnswered(TaskId);

sealed record SubOrchestrationFailed(int TaskId, Failure Failure) : TaskAnswered(TaskId);

/// <summary>An entity answered a call or granted locks; an answer to an earlier generation is dropped.</summary>
sealed record EntityReplied(int TaskId, int Generation, string? Result, Failure? Failure) : TaskAnswered(TaskId);

sealed record ExecutionTerminated(string? Output, bool Recursive) : HistoryEvent;

sealed record ExecutionSuspended(string? Reason) : HistoryEvent;

sealed record ExecutionResumed(string? Reason) : HistoryEvent;

/// <summary>The instance had failed and was taken back; what went wrong is no longer in its history.</summary>
sealed record ExecutionRewound(string? Reason) : HistoryEvent;

/// <summary>What the orchestrator decided: its number in the order of decisions, by which a replay is compared.</summary>
abstract record Decision(int TaskId) : HistoryEvent
{
    /// <summary>In words, with what must be the same at every replay.</summary>
    [JsonIgnore]
    public string InWords => Describe();

    // A method: what overrides a property is serialised whatever the property's attributes say.
    protected abstract string Describe();
}

sealed record TaskScheduled(int TaskId, string Name, string? Version, string? Input, IDictionary<string, string>? Tags) : Decision(TaskId)
{
    protected override string Describe() => $"activity '{Name}'";
}

/// <summary>A timer that fires at <paramref name="FireAt"/>, UTC ticks.</summary>
sealed record TimerCreated(int TaskId, long FireAt) : Decision(TaskId)
{
    protected override string Describe() => "a timer";
}

sealed record SubOrchestrationScheduled(int TaskId, string Name, string Version, string InstanceId, string? Input, IDictionary<string, string>? Tags) : Decision(TaskId)
{
    protected override string Describe() => $"sub-orchestration '{Name}'";
}

sealed record EventSent(int TaskId, string InstanceId, string Name, string? Input) : Decision(TaskId)
{
    protected override string Describe() => $"event '{Name}' to '{InstanceId}'";
}

sealed record EntityCalled(int TaskId, string EntityId, string Operation, string? Input) : Decision(TaskId)
{
    protected override string Describe() => $"operation '{Operation}' of entity '{EntityId}'";
}

/// <summary>A signal, delivered at <paramref name="Due"/> (UTC ticks) when given.</summary>
sealed record EntitySignaled(int TaskId, string EntityId, string Operation, string? Input, long? Due) : Decision(TaskId)
{
    protected override string Describe() => $"signal '{Operation}' to entity '{EntityId}'";
}

/// <summary>Entities in the order in which their locks are taken.</summary>
sealed record LocksRequested(int TaskId, IReadOnlyList<string> EntityIds) : Decision(TaskId)
{
    protected override string Describe() => $"locks of {string.Join(", ", EntityIds)}";
}

sealed record LocksReleased(int TaskId, IReadOnlyList<string> EntityIds) : Decision(TaskId)
{
    protected override string Describe() => $"release of {string.Join(", ", EntityIds)}";
}

/// <summary>The end: status as in <see cref="Microsoft.DurableTask.Client.OrchestrationRuntimeStatus"/>.</summary>
sealed record ExecutionCompleted(int Status, string? Output, Failure? Failure) : HistoryEvent;
