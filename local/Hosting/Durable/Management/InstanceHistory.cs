using System.Text.Json.Nodes;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Orchestrations;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>An instance's history with the names of Durable Functions. What was scheduled and has its answer is shown once, with the answer.</summary>
sealed class InstanceHistory(InstanceRow row, bool showInputs, bool showOutputs)
{
    readonly Dictionary<int, (long At, JsonObject Shown, Decision Decision)> scheduled = [];
    readonly List<JsonObject> shown = [];

    /// <summary>Null for an instance that is not there.</summary>
    public static async Task<JsonArray?> ReadAsync(DurableEngine engine, string instanceId, bool showInputs, bool showOutputs, CancellationToken cancellationToken)
    {
        var stored = await engine.Store.ReadAsync(
            database => Queries.Instance(database, instanceId) is { } row ? StoredInstance.Read(database, row.Key) : null, cancellationToken);
        if (stored is null)
            return null;
        var history = new InstanceHistory(stored.Row, showInputs, showOutputs);
        foreach (var (at, batch) in stored.History)
        {
            foreach (var happened in batch.Consumed)
                history.Consumed(at, happened);
            foreach (var decided in batch.Decided)
                history.Decided(at, decided);
        }
        return new([.. history.shown]);
    }

    void Consumed(long at, HistoryEvent happened)
    {
        switch (happened)
        {
            case ExecutionStarted:
                Show(at, "ExecutionStarted", ("FunctionName", row.Name), Input(row.Input));
                break;
            case TaskCompleted done:
                Answer(at, "TaskCompleted", done.TaskId, Output(done.Result));
                break;
            case SubOrchestrationCompleted done:
                Answer(at, "SubOrchestrationInstanceCompleted", done.TaskId, Output(done.Result));
                break;
            case TaskFailed failed:
                Answer(at, "TaskFailed", failed.TaskId, ("Reason", failed.Failure.Message), ("Details", failed.Failure.ToDetails().ToString()));
                break;
            case SubOrchestrationFailed failed:
                Answer(at, "SubOrchestrationInstanceFailed", failed.TaskId, ("Reason", failed.Failure.Message), ("Details", failed.Failure.ToDetails().ToString()));
                break;
            case TimerFired fired:
                Show(at, "TimerFired", ("FireAt", scheduled.GetValueOrDefault(fired.TaskId).Decision is TimerCreated timer ? Time(timer.FireAt) : null));
                break;
            case EventRaised raised:
                Show(at, "EventRaised", ("Name", raised.Name), Input(raised.Input));
                break;
            case EntityReplied reply:
                Show(at, "EventRaised", ("Name", "reply"), Output(reply.Result));
                break;
            case ExecutionTerminated end:
                Show(at, "ExecutionTerminated", Output(end.Output));
                break;
            case ExecutionSuspended { Reason: var reason }:
                Show(at, "ExecutionSuspended", ("Reason", reason));
                break;
            case ExecutionResumed { Reason: var reason }:
                Show(at, "ExecutionResumed", ("Reason", reason));
                break;
            case ExecutionRewound { Reason: var reason }:
                Show(at, "ExecutionRewound", ("Reason", reason));
                break;
        }
    }

    void Decided(long at, HistoryEvent happened)
    {
        var entry = happened switch
        {
            TaskScheduled task => Show(at, "TaskScheduled", ("Name", task.Name), Input(task.Input)),
            TimerCreated timer => Show(at, "TimerCreated", ("FireAt", Time(timer.FireAt))),
            SubOrchestrationScheduled child => Show(at, "SubOrchestrationInstanceCreated", ("Name", child.Name), ("InstanceId", child.InstanceId), Input(child.Input)),
            EventSent sent => Show(at, "EventSent", ("InstanceId", sent.InstanceId), ("Name", sent.Name), Input(sent.Input)),
            EntityCalled call => Show(at, "EventSent", ("InstanceId", call.EntityId), ("Name", call.Operation), Input(call.Input)),
            EntitySignaled signal => Show(at, "EventSent", ("InstanceId", signal.EntityId), ("Name", signal.Operation), Input(signal.Input)),
            LocksRequested locks => Show(at, "EventSent", ("InstanceId", string.Join(' ', locks.EntityIds)), ("Name", "lock")),
            LocksReleased locks => Show(at, "EventSent", ("InstanceId", string.Join(' ', locks.EntityIds)), ("Name", "release")),
            ExecutionCompleted end => Show(
                at, "ExecutionCompleted", ("OrchestrationStatus", ((OrchestrationRuntimeStatus)end.Status).ToString()), Output(end.Output), ("FailureDetails", end.Failure?.ToDetails().ToString())),
            _ => throw new InvalidOperationException($"Histories have no {happened.GetType().Name}."),
        };
        if (happened is Decision decision)
            scheduled[decision.TaskId] = (at, entry, decision);
    }

    void Answer(long at, string type, int task, params ReadOnlySpan<(string Name, JsonNode? Value)> facts)
    {
        var answer = Show(at, type, facts);
        if (!scheduled.TryGetValue(task, out var asked))
            return;
        shown.Remove(asked.Shown);
        answer["ScheduledTime"] = Time(asked.At);
        foreach (var (from, to) in new[] { ("Name", "FunctionName"), ("InstanceId", "InstanceId"), ("Input", "Input") })
            if (asked.Shown.TryGetPropertyValue(from, out var value) && value is not null)
                answer[to] = value.DeepClone();
    }

    // Facts that are null are left out.
    JsonObject Show(long at, string type, params ReadOnlySpan<(string Name, JsonNode? Value)> facts)
    {
        var entry = new JsonObject { ["EventType"] = type, ["Timestamp"] = Time(at) };
        foreach (var (name, value) in facts)
            if (value is not null)
                entry[name] = value;
        shown.Add(entry);
        return entry;
    }

    (string Name, JsonNode? Value) Input(string? payload) => ("Input", showInputs ? InstanceStatus.Payload(payload) : null);

    (string Name, JsonNode? Value) Output(string? payload) => ("Result", showOutputs ? InstanceStatus.Payload(payload) : null);

    static string Time(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("o", System.Globalization.CultureInfo.InvariantCulture);
}
