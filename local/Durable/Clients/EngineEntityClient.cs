using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Durable.Clients;

/// <summary>The engine's client for entities.</summary>
sealed class EngineEntityClient(DurableEngine engine) : DurableEntityClient(engine.Options.Name)
{
    public override Task SignalEntityAsync(
        EntityInstanceId id, string operationName, object? input = null, SignalEntityOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(operationName);
        Require(id);
        var data = engine.Limits.Payload(engine.Options.DataConverter.Serialize(input), nameof(input));
        return engine.Store.Commits.RequestAsync(tables =>
        {
            var outbox = new Outbox(engine);
            outbox.Post(tables, id.ToString(), new OperationRequested(operationName, data, Caller: null), options?.SignalTime?.UtcTicks, engine.Clock.GetUtcNow().UtcTicks);
            return outbox;
        }, outbox => outbox.Send(), cancellation);
    }

    public override async Task<EntityMetadata?> GetEntityAsync(EntityInstanceId id, bool includeState = true, CancellationToken cancellation = default) =>
        await FindAsync(id, cancellation) is { } found ? Describe(found.Row, found.Backlog, includeState) : null;

    public override async Task<EntityMetadata<T>?> GetEntityAsync<T>(EntityInstanceId id, bool includeState = true, CancellationToken cancellation = default) =>
        await FindAsync(id, cancellation) is { } found ? Describe<T>(found.Row, found.Backlog, includeState) : null;

    // An entity without state does not exist for those who ask for it by id.
    Task<(EntityRow Row, int Backlog)?> FindAsync(EntityInstanceId id, CancellationToken cancellation)
    {
        Require(id);
        return engine.Store.ReadAsync<(EntityRow, int)?>(
            database => EntityQueries.Entity(database, id.ToString()) is { State: not null } row ? (row, EntityQueries.Backlog(database, row.Key)) : null, cancellation);
    }

    public override AsyncPageable<EntityMetadata> GetAllEntitiesAsync(EntityQuery? filter = null) => Pages(filter, Describe);

    public override AsyncPageable<EntityMetadata<T>> GetAllEntitiesAsync<T>(EntityQuery? filter = null) => Pages(filter, Describe<T>);

    AsyncPageable<TMetadata> Pages<TMetadata>(EntityQuery? filter, Func<EntityRow, int, bool, TMetadata> describe) where TMetadata : notnull =>
        Pageable.Create<TMetadata>(async (continuation, sizeHint, cancellation) =>
        {
            var size = sizeHint ?? filter?.PageSize ?? EntityQuery.DefaultPageSize;
            PageToken.RequireSize(size);
            var after = PageToken.Read(continuation ?? filter?.ContinuationToken);
            var rows = await engine.Store.ReadAsync(
                database => EntityQueries.Page(
                        database, filter?.InstanceIdStartsWith, filter?.LastModifiedFrom?.UtcTicks, filter?.LastModifiedTo?.UtcTicks, filter?.IncludeTransient ?? false, after, size + 1)
                    .ConvertAll(row => (Row: row, Backlog: EntityQueries.Backlog(database, row.Key))), cancellation);
            var next = rows.Count > size ? PageToken.Write(rows[size - 1].Row.Key) : null;
            return new([.. rows.Take(size).Select(found => describe(found.Row, found.Backlog, filter?.IncludeState ?? true))], next);
        });

    public override async Task<CleanEntityStorageResult> CleanEntityStorageAsync(
        CleanEntityStorageRequest? request = null, bool continueUntilComplete = true, CancellationToken cancellation = default)
    {
        var wanted = request ?? CleanEntityStorageRequest.Default;
        var cleaning = await engine.Store.Commits.RequestAsync(tables => new EntityCleaning(tables, engine).Run(wanted), cleaned => cleaned.Begin(), cancellation);
        return cleaning.Result;
    }

    /// <summary>Removes an entity with what waits for it.</summary>
    public async Task<PurgeResult> PurgeAsync(string id, CancellationToken cancellation)
    {
        var removed = await engine.Store.Commits.RequestAsync(tables =>
        {
            if (tables.FindEntity(id) is not { } found)
                return 0;
            tables.DeleteEntity(found.Key);
            return found.Key;
        }, key => engine.Entities.Remove(key), cancellation);
        return new PurgeResult(removed > 0 ? 1 : 0, isComplete: true);
    }

    EntityMetadata Describe(EntityRow row, int backlog, bool withState) =>
        new(EntityInstanceId.FromString(row.Id), withState && row.State is not null ? new SerializedData(row.State, engine.Options.DataConverter) : null)
        {
            LastModifiedTime = new(row.Updated, TimeSpan.Zero),
            BacklogQueueSize = backlog,
            LockedBy = row.LockedBy,
        };

    EntityMetadata<T> Describe<T>(EntityRow row, int backlog, bool withState)
    {
        var id = EntityInstanceId.FromString(row.Id);
        return withState && row.State is not null
            ? new(id, engine.Options.DataConverter.Deserialize<T>(row.State)) { LastModifiedTime = new(row.Updated, TimeSpan.Zero), BacklogQueueSize = backlog, LockedBy = row.LockedBy }
            : new(id) { LastModifiedTime = new(row.Updated, TimeSpan.Zero), BacklogQueueSize = backlog, LockedBy = row.LockedBy };
    }

    static void Require(EntityInstanceId id)
    {
        if (id == default)
            throw new ArgumentException("An entity id is needed.", nameof(id));
    }
}
