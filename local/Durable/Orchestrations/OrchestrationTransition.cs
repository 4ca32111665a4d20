using AiOs.Local.Durable.Activities;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>
/// One turn of an orchestration as one change: the messages that it consumed go, its history grows, and what it decided is written
/// down beside it. Effects begin once all that is on disk.
/// </summary>
sealed class OrchestrationTransition(
    OrchestrationInstance instance,
    InstanceRow row,
    int number,
    long at,
    List<Mail<HistoryEvent>> consumed,
    List<HistoryEvent> events,
    OrchestrationContext? context,
    Standing standing,
    List<(long Due, int Id)> openTimers,
    Creation? creation,
    DurableEngine engine) : IWrite
{
    readonly List<Decision> decisions = context?.Decisions ?? [];
    readonly List<(long Due, int Id)> spentTimers = [.. context?.SpentTimers.Select(t => (t.FireAt!.Value, t.Id)) ?? []];
    readonly List<string> openChildren = standing is Ended { Recursive: true } && context is not null
        ? [.. context.Open.Values.Select(t => t.ChildId).OfType<string>()]
        : [];
    readonly byte[] history = HistoryCodec.Write(new HistoryBatch(events, standing is Ended ended
        ? [.. context?.Decisions ?? [], new ExecutionCompleted((int)ended.Status, ended.Output, ended.Failure)]
        : context?.Decisions ?? []));

    Outbox outbox = new(engine);
    InstanceRow? next;

    // Who starts an instance is told at once that it cannot be written.
    public bool Waits => creation is null;

    public void Apply(Tables tables)
    {
        outbox = new(engine);
        next = null;
        if (creation is null ? !instance.IsIn(tables) : !creation.Apply(tables, outbox))
            return;
        instance.Removals = tables.Removals;
        foreach (var mail in consumed)
            if (mail.Number > 0)
                tables.Take(row.Key, mail.Number);
        foreach (var happened in events)
            if (happened is TaskCompleted or TaskFailed)
                tables.DeleteTask(row.Key, ((TaskAnswered)happened).TaskId);
        foreach (var (due, id) in spentTimers)
            outbox.DropTimer(tables, due, row.Key, id);
        foreach (var decision in decisions)
            Carry(tables, decision);
        next = standing switch
        {
            Ended end => End(tables, end),
            ContinuedAsNew again => StartOver(tables, again),
            Going going => GoOn(tables, going),
            _ => throw new InvalidOperationException($"An execution cannot stand as {standing}."),
        };
    }

    string? CustomStatus => context is { CustomStatus.IsSet: true } ? context.CustomStatus.Text : row.CustomStatus;

    InstanceRow GoOn(Tables tables, Going going)
    {
        tables.Append(row.Key, number, at, history);
        if (going.Status == row.Status && CustomStatus == row.CustomStatus)
            return row;
        tables.Update(row.Key, going.Status, CustomStatus);
        return row with { Status = going.Status, CustomStatus = CustomStatus };
    }

    InstanceRow StartOver(Tables tables, ContinuedAsNew again)
    {
        var generation = row.Generation + 1;
        tables.ContinueAsNew(row.Key, again.Next.Version, CustomStatus, again.Next.Input, generation);
        outbox.Post(tables, row.Key, new ExecutionStarted(generation, again.Carried.Count > 0 ? again.Carried : null, at + 1));
        return row with
        {
            Status = OrchestrationRuntimeStatus.Running,
            Version = again.Next.Version,
            Input = again.Next.Input,
            CustomStatus = CustomStatus,
            Generation = generation,
        };
    }

    InstanceRow End(Tables tables, Ended end)
    {
        tables.Append(row.Key, number, at, history);
        tables.Complete(row.Key, end.Status, CustomStatus, end.Output, end.Failure, at);
        tables.DeleteWork(row.Key);
        foreach (var (due, id) in openTimers)
            outbox.DropTimer(tables, due, row.Key, id);
        foreach (var child in openChildren)
            outbox.PostIfRunning(tables, child, new ExecutionTerminated(end.Output, Recursive: true));
        if (row.Parent is { } parent)
            outbox.PostIfRunning(tables, parent.Key, end.Status == OrchestrationRuntimeStatus.Completed
                ? new SubOrchestrationCompleted(parent.TaskId, end.Output)
                : new SubOrchestrationFailed(parent.TaskId, end.Failure ?? new Failure("OrchestrationTerminated", $"The sub-orchestration '{row.Id}' was terminated.")));
        return row with
        {
            Status = end.Status,
            CustomStatus = CustomStatus,
            Output = end.Output,
            Failure = end.Failure is null ? null : HistoryCodec.Write(end.Failure),
            Completed = at,
        };
    }

    void Carry(Tables tables, Decision decision)
    {
        var caller = new Caller(row.Key, row.Id, row.Generation, decision.TaskId);
        switch (decision)
        {
            case TaskScheduled task:
                tables.InsertTask(row.Key, task.TaskId);
                if (standing is not Ended)
                    outbox.Start(new ActivityWork(row.Key, row.Id, task.TaskId, task.Name, task.Version ?? "", task.Input));
                break;
            case TimerCreated timer:
                if (context!.Open.TryGetValue(timer.TaskId, out _))
                    outbox.SetTimer(tables, timer.FireAt, row.Key, timer.TaskId);
                break;
            case SubOrchestrationScheduled child:
                outbox.StartChild(tables, row, child, at);
                break;
            case EventSent sent:
                outbox.PostIfRunning(tables, sent.InstanceId, new EventRaised(sent.Name, sent.Input));
                break;
            case EntityCalled call:
                outbox.Post(tables, call.EntityId, new OperationRequested(call.Operation, call.Input, caller), due: null, at);
                break;
            case EntitySignaled signal:
                outbox.Post(tables, signal.EntityId, new OperationRequested(signal.Operation, signal.Input, Caller: null), signal.Due, at);
                break;
            case LocksRequested locks:
                outbox.Post(tables, locks.EntityIds[0], new LockRequested(locks.EntityIds, 0, caller), due: null, at);
                break;
            case LocksReleased locks:
                foreach (var id in locks.EntityIds)
                    outbox.Post(tables, id, new LockReleased(row.Id), due: null, at);
                break;
        }
    }

    public void Committed()
    {
        if (next is null)
        {
            instance.Vanish();
            creation?.Committed();
            return;
        }
        if (next.IsOver)
            Announce();
        outbox.Send();
        instance.Advance(next, standing is ContinuedAsNew);
        if (next.Status != row.Status)
            engine.Waiters.Tell(next, at);
        creation?.Committed();
    }

    void Announce()
    {
        if (next!.Status == OrchestrationRuntimeStatus.Failed)
            engine.Log.OrchestrationFailed((standing as Ended)?.Cause, row.Name, row.Id);
        else
            engine.Log.OrchestrationEnded(row.Name, row.Id, next.Status.ToString());
    }

    public void Failed(Exception reason)
    {
        instance.Refuse(reason);
        creation?.Failed(reason);
    }
}
