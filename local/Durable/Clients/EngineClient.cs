using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Rewinding;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;

namespace AiOs.Local.Durable.Clients;

/// <summary>The engine's client. A call that changes something returns when that is on disk.</summary>
sealed class EngineClient(DurableEngine engine) : DurableTaskClient(engine.Options.Name)
{
    static readonly Task<(InstanceRow Row, long At)?> none = Task.FromResult<(InstanceRow, long)?>(null);

    readonly EngineEntityClient entities = new(engine);
    readonly InstanceStarts starts = new(engine);
    readonly InstancePurge purge = new(engine);
    readonly InstanceRewind rewind = new(engine);

    public override DurableEntityClient Entities => entities;

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default) =>
        starts.ScheduleAsync(orchestratorName, engine.Limits.Payload(engine.Options.DataConverter.Serialize(input), nameof(input)), options, cancellation);

    public override Task<string> RestartAsync(string instanceId, bool restartWithNewInstanceId = false, CancellationToken cancellation = default) =>
        starts.RestartAsync(Limits.InstanceId(instanceId), restartWithNewInstanceId, cancellation);

    public override Task RewindInstanceAsync(string instanceId, string reason, CancellationToken cancellation = default) =>
        rewind.RewindAsync(Limits.InstanceId(instanceId), reason, cancellation);

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var payload = engine.Limits.Payload(engine.Options.DataConverter.Serialize(eventPayload), nameof(eventPayload));
        return SendAsync(instanceId, new EventRaised(eventName, payload), cancellation);
    }

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        var output = engine.Limits.Payload(engine.Options.DataConverter.Serialize(options?.Output), "output");
        return SendAsync(instanceId, new ExecutionTerminated(output, options?.Recursive ?? false), cancellation);
    }

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionSuspended(reason), cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionResumed(reason), cancellation);

    // What is sent to an instance that is not there or is over is dropped, as everywhere in Durable Functions.
    Task SendAsync(string instanceId, HistoryEvent message, CancellationToken cancellation)
    {
        Limits.InstanceId(instanceId);
        return engine.Store.Commits.RequestAsync(tables =>
        {
            var outbox = new Outbox(engine);
            outbox.PostIfRunning(tables, instanceId, message);
            return outbox;
        }, outbox => outbox.Send(), cancellation);
    }

    public override async Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        await FindAsync(Limits.InstanceId(instanceId), cancellation) is { } found ? Metadata(found.Row, found.At, getInputsAndOutputs) : null;

    Task<(InstanceRow Row, long At)?> FindAsync(string instanceId, CancellationToken cancellation) => engine.Store.ReadAsync<(InstanceRow, long)?>(
        database => Queries.Instance(database, instanceId) is { } row ? (row, Queries.LastChange(database, row)) : null, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, row => row.Status != OrchestrationRuntimeStatus.Pending, getInputsAndOutputs, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, row => row.IsOver, getInputsAndOutputs, cancellation);

    async Task<OrchestrationMetadata> WaitAsync(string instanceId, Func<InstanceRow, bool> wanted, bool withPayloads, CancellationToken cancellation)
    {
        Limits.InstanceId(instanceId);
        var (row, at) = await engine.Waiters.WaitAsync(instanceId, wanted, LookAsync, cancellation);
        return Metadata(row, at, withPayloads);

        // INVARIANT: an instance in memory changes its row before it tells its waiters, so who sees the old row will be told.
        Task<(InstanceRow Row, long At)?> LookAsync() => engine.Known.TryGetValue(instanceId, out var known) && known.Row is { } row && !wanted(row)
            ? none
            : FindAsync(instanceId, cancellation);
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
    {
        var wanted = new InstanceFilter(filter?.CreatedFrom?.UtcTicks, filter?.CreatedTo?.UtcTicks, filter?.InstanceIdPrefix, filter?.Statuses?.ToList());
        var withPayloads = filter?.FetchInputsAndOutputs ?? false;
        return Pageable.Create<OrchestrationMetadata>(async (continuation, sizeHint, cancellation) =>
        {
            var size = sizeHint ?? filter?.PageSize ?? OrchestrationQuery.DefaultPageSize;
            var (rows, next) = await PageAsync(wanted, continuation ?? filter?.ContinuationToken, size, cancellation);
            return new([.. rows.Select(found => Metadata(found.Row, found.At, withPayloads))], next);
        });
    }

    public override async Task<Page<string>> ListInstanceIdsAsync(
        IEnumerable<OrchestrationRuntimeStatus>? runtimeStatus = null,
        DateTimeOffset? completedTimeFrom = null,
        DateTimeOffset? completedTimeTo = null,
        int pageSize = OrchestrationQuery.DefaultPageSize,
        string? lastInstanceKey = null,
        CancellationToken cancellation = default)
    {
        var wanted = new InstanceFilter(null, null, null, runtimeStatus?.ToList()) { CompletedFrom = completedTimeFrom?.UtcTicks, CompletedTo = completedTimeTo?.UtcTicks };
        var (rows, next) = await PageAsync(wanted, lastInstanceKey, pageSize, cancellation);
        return new([.. rows.Select(found => found.Row.Id)], next);
    }

    // One row more than the page is read, to know whether another page follows.
    async Task<(List<(InstanceRow Row, long At)> Rows, string? Next)> PageAsync(InstanceFilter wanted, string? continuation, int size, CancellationToken cancellation)
    {
        PageToken.RequireSize(size);
        var after = PageToken.Read(continuation);
        var rows = await engine.Store.ReadAsync(
            database => Queries.Page(database, wanted, after, size + 1).ConvertAll(row => (row, Queries.LastChange(database, row))), cancellation);
        if (rows.Count <= size)
            return (rows, null);
        rows.RemoveAt(size);
        return (rows, PageToken.Write(rows[^1].row.Key));
    }

    public override Task<PurgeResult> PurgeInstanceAsync(string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return instanceId[0] == '@' ? entities.PurgeAsync(instanceId, cancellation) : purge.OneAsync(instanceId, options?.Recursive ?? false, cancellation);
    }

    public override Task<PurgeResult> PurgeAllInstancesAsync(PurgeInstancesFilter filter, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return purge.AllAsync(filter, options?.Recursive ?? false, cancellation);
    }

    /// <summary>The engine owns the client.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    OrchestrationMetadata Metadata(InstanceRow row, long at, bool withPayloads) => new(row.Name, row.Id)
    {
        DataConverter = withPayloads ? engine.Options.DataConverter : null,
        RuntimeStatus = row.Status,
        CreatedAt = new(row.Created, TimeSpan.Zero),
        LastUpdatedAt = new(at, TimeSpan.Zero),
        SerializedInput = withPayloads ? row.Input : null,
        SerializedOutput = withPayloads ? row.Output : null,
        SerializedCustomStatus = withPayloads ? row.CustomStatus : null,
        FailureDetails = withPayloads && row.Failure is not null ? HistoryCodec.Failure(row.Failure).ToDetails() : null,
        Tags = row.Tags is null ? new Dictionary<string, string>(StringComparer.Ordinal) : HistoryCodec.Tags(row.Tags),
    };
}
