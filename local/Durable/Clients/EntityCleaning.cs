using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client.Entities;

namespace AiOs.Local.Durable.Clients;

/// <summary>Removes entities that hold nothing, and takes back locks whose owner runs no more.</summary>
sealed class EntityCleaning(Tables tables, DurableEngine engine)
{
    readonly Outbox outbox = new(engine);
    readonly List<long> removed = [];

    public CleanEntityStorageResult Result { get; private set; }

    public EntityCleaning Run(CleanEntityStorageRequest request)
    {
        var now = engine.Clock.GetUtcNow().UtcTicks;
        var (empty, orphaned) = (0, 0);
        foreach (var entity in Candidates())
        {
            if (request.ReleaseOrphanedLocks && entity.LockedBy is { } owner && (tables.Find(owner) is not { } found || InstanceRow.IsTerminal(found.Status)))
            {
                outbox.Post(tables, entity.Id, new LockReleased(owner), due: null, now);
                orphaned++;
            }
            else if (request.RemoveEmptyEntities && entity is { State: null, LockedBy: null } && !HasMail(entity.Key))
            {
                tables.DeleteEntity(entity.Key);
                removed.Add(entity.Key);
                empty++;
            }
        }
        Result = new() { EmptyEntitiesRemoved = empty, OrphanedLocksReleased = orphaned };
        return this;
    }

    /// <summary>The rows are on disk.</summary>
    public void Begin()
    {
        foreach (var key in removed)
            engine.Entities.Remove(key);
        outbox.Send();
    }

    List<EntityRow> Candidates()
    {
        var found = new List<EntityRow>();
        var rows = tables.Database.Prepare("SELECT key, id, state, locked_by, updated FROM entities WHERE state IS NULL OR locked_by IS NOT NULL");
        while (rows.Step())
            found.Add(new(rows.Int64(0), rows.Text(1), rows.TextOrNull(2), rows.TextOrNull(3), rows.Int64(4)));
        rows.Reset();
        return found;
    }

    bool HasMail(long key)
    {
        var any = tables.Database.Prepare("SELECT 1 FROM inbox WHERE target=? LIMIT 1").Bind(key);
        try
        {
            return any.Step();
        }
        finally
        {
            any.Reset();
        }
    }
}
