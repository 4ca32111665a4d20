using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Orchestrations;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Clients;

/// <summary>Starts instances, and decides what happens when one of that id is there.</summary>
sealed class InstanceStarts(DurableEngine engine)
{
    /// <summary>Without dedupe statuses an instance that runs is in the way and one that is over is replaced.</summary>
    static readonly OrchestrationRuntimeStatus[] inTheWay =
        [OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended];

    public Task<string> ScheduleAsync(TaskName name, string? input, StartOrchestrationOptions? options, CancellationToken cancellation)
    {
        Limits.RequireName(name, nameof(name));
        var id = Limits.InstanceId(options?.InstanceId ?? Limits.NewInstanceId());
        IReadOnlyCollection<OrchestrationRuntimeStatus> blocking = options?.DedupeStatuses is { } statuses ? Parse(statuses) : inTheWay;
        var row = new InstanceRow
        {
            Key = 0,
            Id = id,
            Name = name.Name,
            Version = options?.Version is { } version ? version.Version : engine.Options.DefaultVersion,
            Status = OrchestrationRuntimeStatus.Pending,
            Created = engine.Clock.GetUtcNow().UtcTicks,
            Tags = HistoryCodec.Write(options?.Tags),
            Input = input,
        };
        cancellation.ThrowIfCancellationRequested();
        var drawn = options?.InstanceId is null;
        return options?.StartAt is null && TryBegin(row, drawn, blocking) is { } begun
            ? begun.Answer.WaitAsync(cancellation)
            : CreateAsync(_ => row, blocking, options?.StartAt?.UtcTicks, cancellation);
    }

    // Where the orchestrator can run at once, the instance and its first turn are one transaction.
    Creation? TryBegin(InstanceRow row, bool drawn, IReadOnlyCollection<OrchestrationRuntimeStatus> blocking)
    {
        // Nobody has an id that was drawn for this instance.
        var creation = new Creation(row with { Key = engine.Store.Commits.NewInstanceKey() },
            (tables, outbox) => drawn ? null : MakeRoom(tables, outbox, row.Id, blocking, row.Created), engine);
        return engine.Orchestrations.TryBegin(new OrchestrationInstance(creation, engine), new(0, new ExecutionStarted(0))) ? creation : null;
    }

    /// <summary>Starts an instance again with its own input, under a new id or its own, where it must be over.</summary>
    public Task<string> RestartAsync(string instanceId, bool withNewId, CancellationToken cancellation)
    {
        var now = engine.Clock.GetUtcNow().UtcTicks;
        return CreateAsync(tables => tables.Instance(instanceId) is { } old
            ? new InstanceRow
            {
                Key = 0,
                Id = withNewId ? Limits.NewInstanceId() : old.Id,
                Name = old.Name,
                Version = old.Version,
                Status = OrchestrationRuntimeStatus.Pending,
                Created = now,
                Tags = old.Tags,
                Input = old.Input,
            }
            : throw new RefusedException(new ArgumentException($"An orchestration with the instanceId {instanceId} was not found.", nameof(instanceId))),
            blocking: inTheWay, startAt: null, cancellation);
    }

    async Task<string> CreateAsync(
        Func<Tables, InstanceRow> wanted, IReadOnlyCollection<OrchestrationRuntimeStatus> blocking, long? startAt, CancellationToken cancellation)
    {
        var created = await engine.Store.Commits.RequestAsync(tables =>
        {
            var outbox = new Outbox(engine);
            var row = wanted(tables);
            var replaced = MakeRoom(tables, outbox, row.Id, blocking, row.Created);
            outbox.Create(tables, row with { Key = tables.NextKey(entity: false) }, startAt);
            return (row.Id, Outbox: outbox, Replaced: replaced);
        }, done =>
        {
            if (done.Replaced is { } key)
                engine.Orchestrations.Remove(key);
            done.Outbox.Send();
        }, cancellation);
        return created.Id;
    }

    // The key of the instance that gave way, if there was one.
    static long? MakeRoom(Tables tables, Outbox outbox, string id, IReadOnlyCollection<OrchestrationRuntimeStatus> blocking, long now)
    {
        if (tables.Find(id) is not { } known)
            return null;
        if (blocking.Contains(known.Status))
            throw new RefusedException(new OrchestrationAlreadyExistsException($"An orchestration with the instance id '{id}' already exists and is {known.Status}."));
        if (!InstanceRow.IsTerminal(known.Status) && tables.Instance(known.Key) is { } running)
        {
            tables.DeleteTimers(known.Key);
            foreach (var entity in tables.LockedBy(id))
                outbox.Post(tables, entity, new LockReleased(id), due: null, now);
            if (running.Parent is { } parent)
                outbox.PostIfRunning(tables, parent.Key, new SubOrchestrationFailed(
                    parent.TaskId, new Failure("OrchestrationTerminated", $"The sub-orchestration '{id}' was replaced by a new instance.")));
        }
        tables.Delete(known.Key);
        return known.Key;
    }

    static List<OrchestrationRuntimeStatus> Parse(IEnumerable<string> names) => [.. names.Select(name =>
        Enum.TryParse<OrchestrationRuntimeStatus>(name, ignoreCase: true, out var status)
            ? status
            : throw new ArgumentException($"'{name}' is no status of an orchestration.", nameof(names)))];
}
