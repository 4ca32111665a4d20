using System.Diagnostics.CodeAnalysis;
using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>Calls, signals and locks of entities. Locks are taken in one order for all, so that nobody waits in a circle.</summary>
sealed class EntityCalls(OrchestrationContext context) : TaskOrchestrationEntityFeature
{
    CriticalSection? section;

    public override async Task<TResult> CallEntityAsync<TResult>(EntityInstanceId id, string operationName, object? input = null, CallEntityOptions? options = null)
    {
        RequireId(id);
        var entity = id.ToString();
        Borrow(entity);
        var data = context.Limits.Payload(context.Converter.Serialize(input), nameof(input));
        try
        {
            return await context.Decide<TResult>(new EntityCalled(context.NextId(), entity, operationName, data), operationName, holds: false);
        }
        catch (EntityFailure failed)
        {
            throw new EntityOperationFailedException(id, operationName, failed.Failure.ToDetails());
        }
        finally
        {
            section?.GiveBack(entity);
        }
    }

    public override Task CallEntityAsync(EntityInstanceId id, string operationName, object? input = null, CallEntityOptions? options = null) =>
        CallEntityAsync<object?>(id, operationName, input, options);

    public override Task SignalEntityAsync(EntityInstanceId id, string operationName, object? input = null, SignalEntityOptions? options = null)
    {
        RequireId(id);
        var entity = id.ToString();
        if (section?.Holds(entity) == true)
            throw new InvalidOperationException("A locked entity must not be signalled from the critical section that locks it; call it instead.");
        var data = context.Limits.Payload(context.Converter.Serialize(input), nameof(input));
        context.Decisions.Add(new EntitySignaled(context.NextId(), entity, operationName, data, options?.SignalTime?.UtcTicks));
        return Task.CompletedTask;
    }

    public override async Task<IAsyncDisposable> LockEntitiesAsync(IEnumerable<EntityInstanceId> entityIds)
    {
        ArgumentNullException.ThrowIfNull(entityIds);
        string[] ids = [.. entityIds.Select(id => id.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (ids.Length == 0)
            throw new ArgumentException("At least one entity must be named to be locked.", nameof(entityIds));
        if (section is not null)
            throw new InvalidOperationException("A critical section cannot be entered inside another one.");
        var mine = section = new CriticalSection(ids);
        await context.Decide<object?>(new LocksRequested(context.NextId(), ids), "lock", holds: false);
        mine.Entered();
        return new Lease(this, mine);
    }

    public override bool InCriticalSection([NotNullWhen(true)] out IReadOnlyList<EntityInstanceId>? entityIds)
    {
        entityIds = section is null ? [] : [.. section.Free.Select(EntityInstanceId.FromString)];
        return section is not null;
    }

    public void RequireNoLocks(string what)
    {
        if (section is not null)
            throw new InvalidOperationException($"While it holds locks, an orchestration cannot {what}.");
    }

    /// <summary>Leaves the critical section; a given one only when it is still the current one.</summary>
    public void Exit(CriticalSection? section)
    {
        if (this.section is not { } current || (section is not null && section != current))
            return;
        this.section = null;
        context.Decisions.Add(new LocksReleased(context.NextId(), current.Ids));
    }

    void Borrow(string entity)
    {
        if (section?.Borrow(entity) is { } refusal)
            throw new InvalidOperationException(refusal);
    }

    static void RequireId(EntityInstanceId id)
    {
        if (id == default)
            throw new ArgumentException("An entity id is needed.", nameof(id));
    }

    sealed class Lease(EntityCalls calls, CriticalSection mine) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            calls.Exit(mine);
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>The locks that an orchestration holds or waits for.</summary>
sealed class CriticalSection(string[] ids)
{
    readonly HashSet<string> free = new(StringComparer.Ordinal);
    bool entered;

    public IReadOnlyList<string> Ids => ids;

    /// <summary>Those that no call of ours is using.</summary>
    public IEnumerable<string> Free => free;

    public bool Holds(string id) => ids.Contains(id, StringComparer.Ordinal);

    public void Entered()
    {
        entered = true;
        free.UnionWith(ids);
    }

    /// <summary>Takes an entity for one call; otherwise says why not.</summary>
    public string? Borrow(string id) => free.Remove(id) ? null
        : !entered ? "The locks must be awaited before any entity is called."
        : Holds(id) ? "Only one call at a time may go to a locked entity; await the one before."
        : "Inside a critical section only its locked entities may be called.";

    public void GiveBack(string id)
    {
        if (entered && Holds(id))
            free.Add(id);
    }
}

/// <summary>Carries an entity's failure to the call that waits for it.</summary>
sealed class EntityFailure(Failure failure) : Exception(failure.Message)
{
    public Failure Failure => failure;
}
