using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Orchestrations;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Rewinding;

/// <summary>How one failed instance goes on.</summary>
/// <param name="Row">The instance.</param>
/// <param name="Kept">Its history without what is taken back.</param>
/// <param name="Again">Events of the last transition, which are worked in once more: by then the code may be another.</param>
/// <param name="Open">Decisions that wait for an answer and get none unless they are carried out again.</param>
sealed record RewindPlan(InstanceRow Row, List<(long At, HistoryBatch Batch)> Kept, List<HistoryEvent> Again, List<Decision> Open)
{
    /// <exception cref="InvalidOperationException">The instance cannot go on from where it was.</exception>
    public static async Task<RewindPlan> MakeAsync(StoredInstance stored, DurableEngine engine)
    {
        var (row, last) = (stored.Row, stored.History[^1]);
        var decided = last.Batch.Decided.Where(e => e is Decision).ToList();
        if (decided.Exists(d => d is LocksReleased))
            throw new InvalidOperationException($"The orchestration '{row.Id}' failed while it held locks, which it gave back. Restart it instead.");

        // What the last transition sent must not be sent twice, so it stays then; otherwise the code may do better this time.
        var history = decided.Count == 0 ? stored.History[..^1] : [.. stored.History[..^1], (last.At, last.Batch with { Decided = decided })];
        await using var trials = new RewindTrials(row, history, engine);
        var (kept, open) = trials.Run();
        List<HistoryEvent> again = decided.Count == 0 ? [.. last.Batch.Consumed.Where(e => e is not (TaskFailed or SubOrchestrationFailed))] : [];
        var answered = again.OfType<TaskAnswered>().Select(a => a.TaskId).ToHashSet();
        var waiting = kept.SelectMany(h => h.Batch.Decided).OfType<Decision>().Where(d => open.Contains(d.TaskId) && !answered.Contains(d.TaskId)).ToList();
        if (waiting.Find(d => d is EntityCalled or LocksRequested) is { } entity)
            throw new InvalidOperationException($"The orchestration '{row.Id}' failed while it waited for {entity.InWords}, whose answer is lost. Restart it instead.");
        return new(row, kept, again, waiting);
    }

    /// <summary>Whether an instance is the one that this decision started.</summary>
    public bool IsOurs(SubOrchestrationScheduled child, InstanceRow found) => found.Parent is { } parent && parent.Key == Row.Key && parent.TaskId == child.TaskId;

    /// <summary>Writes the history anew, and sets to work what is to be done again.</summary>
    public void Write(Tables tables, Outbox outbox, string? reason, Func<long, bool> isPlanned, long now)
    {
        tables.Reopen(Row.Key, Kept);
        foreach (var happened in Again)
            outbox.Post(tables, Row.Key, happened);
        outbox.Post(tables, Row.Key, new ExecutionRewound(reason));
        foreach (var decision in Open)
            switch (decision)
            {
                case TaskScheduled task:
                    tables.InsertTask(Row.Key, task.TaskId);
                    outbox.Start(new(Row.Key, Row.Id, task.TaskId, task.Name, task.Version ?? "", task.Input));
                    break;
                case TimerCreated timer:
                    outbox.SetTimer(tables, timer.FireAt, Row.Key, timer.TaskId);
                    break;
                case SubOrchestrationScheduled child:
                    GoOn(tables, outbox, child, isPlanned, now);
                    break;
            }
    }

    // A child that runs, or is rewound with its parent, answers by itself. One that ended while nobody listened answers now; what is gone or was terminated starts anew.
    void GoOn(Tables tables, Outbox outbox, SubOrchestrationScheduled child, Func<long, bool> isPlanned, long now)
    {
        if (tables.Instance(child.InstanceId) is not { Status: not OrchestrationRuntimeStatus.Terminated } found || !IsOurs(child, found))
            outbox.StartChild(tables, Row, child, now);
        else if (found.Status == OrchestrationRuntimeStatus.Completed)
            outbox.Post(tables, Row.Key, new SubOrchestrationCompleted(child.TaskId, found.Output));
        else if (found is { Status: OrchestrationRuntimeStatus.Failed, Failure: { } failure } && !isPlanned(found.Key))
            outbox.Post(tables, Row.Key, new SubOrchestrationFailed(child.TaskId, HistoryCodec.Failure(failure)));
    }
}
