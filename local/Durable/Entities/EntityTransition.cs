using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Entities;

/// <summary>One turn of an entity as one change: the messages that were worked off go, its state and lock are written, and so is what it sent.</summary>
sealed class EntityTransition(EntityInstance instance, EntityRow row, EntityBatch batch, bool more, DurableEngine engine) : IWrite
{
    readonly long now = engine.Clock.GetUtcNow().UtcTicks;
    readonly EntityRow next = row with { State = batch.State, LockedBy = batch.LockedBy };
    Outbox outbox = new(engine);
    bool written;

    public bool Waits => true;

    public void Apply(Tables tables)
    {
        outbox = new(engine);
        written = tables.FindEntity(row.Id)?.Key == row.Key;
        if (!written)
            return;
        foreach (var number in batch.Consumed)
            tables.Take(row.Key, number);
        tables.UpdateEntity(row.Key, next.State, next.LockedBy, now);
        foreach (var (caller, result, failure) in batch.Replies)
            outbox.PostIfRunning(tables, caller.Key, new EntityReplied(caller.TaskId, caller.Generation, result, failure));
        foreach (var request in batch.Granted)
            Grant(tables, request);
        foreach (var action in batch.Actions)
            Send(tables, action);
    }

    // A lock for an execution that has ended meanwhile would never be given back, so it goes back at once.
    void Grant(Tables tables, LockRequested request)
    {
        var caller = request.Caller;
        if (tables.Generation(caller.Key) != caller.Generation)
            foreach (var id in request.EntityIds)
                outbox.Post(tables, id, new LockReleased(caller.InstanceId), due: null, now);
        else if (request.Position + 1 < request.EntityIds.Count)
            outbox.Post(tables, request.EntityIds[request.Position + 1], request with { Position = request.Position + 1 }, due: null, now);
        else
            outbox.PostIfRunning(tables, caller.Key, new EntityReplied(caller.TaskId, caller.Generation, null, null));
    }

    void Send(Tables tables, EntityAction action)
    {
        switch (action)
        {
            case SignalSent signal:
                outbox.Post(tables, signal.EntityId, new OperationRequested(signal.Operation, signal.Input, Caller: null), signal.Due, now);
                break;
            case OrchestrationStarted start:
                Start(tables, start);
                break;
        }
    }

    // An instance of that id that still runs stays; nobody waits for an answer here.
    void Start(Tables tables, OrchestrationStarted start)
    {
        if (tables.Find(start.InstanceId) is { } known)
        {
            if (!InstanceRow.IsTerminal(known.Status))
                return;
            tables.Delete(known.Key);
        }
        outbox.Create(tables, new InstanceRow
        {
            Key = tables.NextKey(entity: false),
            Id = start.InstanceId,
            Name = start.Name,
            Version = start.Version,
            Status = OrchestrationRuntimeStatus.Pending,
            Created = now,
            Tags = HistoryCodec.Write(start.Tags),
            Input = start.Input,
        }, start.StartAt);
    }

    public void Committed()
    {
        if (!written)
        {
            instance.Vanish();
            return;
        }
        outbox.Send();
        instance.Advance(next, more);
    }

    public void Failed(Exception reason) => instance.Refuse(reason);
}
