using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Durable.Entities;

/// <summary>One entity in memory. Operations run one after the other; while an orchestration holds the lock only its own do, the rest wait in the inbox.</summary>
sealed class EntityInstance(long key, DurableEngine engine) : Resident<EntityMessage>(key)
{
    const int LargestBatch = 500;

    EntityRow? row;

    protected override async Task TurnAsync()
    {
        var mail = TakeMail();
        if (row is null)
        {
            var stored = await engine.Store.ReadPatientlyAsync(database => StoredEntity.Read(database, Key));
            if (stored is null)
            {
                Leave();
                return;
            }
            row = stored.Row;
            mail = WithInbox(mail, stored.Inbox);
        }
        var batch = new EntityBatch(row, engine);
        var waiting = await WorkOffAsync(batch, mail);
        PutBack(waiting);
        if (batch.Consumed.Count == 0)
            Done();
        else
            await engine.Store.Commits.PostAsync(new EntityTransition(this, row, batch, waiting.Count > 0, engine), CancellationToken.None);
    }

    static async Task<List<Mail<EntityMessage>>> WorkOffAsync(EntityBatch batch, List<Mail<EntityMessage>> mail)
    {
        var waiting = mail;
        await using (batch)
        {
            // The lock's owner is served before all others, so each time the lock changes hands the queue is looked at from its start.
            for (var i = 0; i < waiting.Count && batch.Consumed.Count < LargestBatch;)
            {
                if (!batch.Admits(waiting[i].Message))
                {
                    i++;
                    continue;
                }
                var next = waiting[i];
                waiting.RemoveAt(i);
                var owner = batch.LockedBy;
                await batch.TakeAsync(next);
                if (owner != batch.LockedBy)
                    i = 0;
            }
        }
        return waiting;
    }

    /// <summary>A transition is on disk.</summary>
    public void Advance(EntityRow next, bool more)
    {
        row = next;
        Done(more);
    }

    /// <summary>The entity was removed meanwhile.</summary>
    public void Vanish() => Leave();

    protected override void Stuck(Exception failure) => Refuse(failure);

    /// <summary>A transition could not be written: memory is ahead of the disk, so memory goes.</summary>
    public void Refuse(Exception failure)
    {
        if (failure is not ObjectDisposedException)
            engine.Log.InstanceStuck(failure, Key);
        Leave();
    }
}

/// <summary>All that is stored of an entity.</summary>
sealed record StoredEntity(EntityRow Row, List<Mail<EntityMessage>> Inbox)
{
    public static StoredEntity? Read(Sqlite database, long key)
    {
        if (EntityQueries.Entity(database, key) is not { } row)
            return null;
        return new(row, [.. Queries.Inbox(database, key).Select(m => new Mail<EntityMessage>(m.Number, m.EntityMessage))]);
    }
}
