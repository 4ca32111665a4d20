using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Clients;

/// <summary>Removes instances that are over, with their histories; recursively with their sub-orchestrations.</summary>
sealed class InstancePurge(DurableEngine engine)
{
    const int Chunk = 200;

    /// <exception cref="InvalidOperationException">The instance is not over.</exception>
    public Task<PurgeResult> OneAsync(string instanceId, bool recursive, CancellationToken cancellation) => engine.Store.Commits.RequestAsync(tables =>
    {
        if (tables.Find(instanceId) is not { } found)
            return new PurgeResult(0, isComplete: true);
        if (!InstanceRow.IsTerminal(found.Status))
            throw new RefusedException(new InvalidOperationException($"The orchestration '{instanceId}' is {found.Status}; only those that are over can be purged."));
        return new PurgeResult(Remove(tables, found.Key, recursive), isComplete: true);
    }, then: null, cancellation);

    /// <summary>In chunks, so that other work goes on between.</summary>
    public async Task<PurgeResult> AllAsync(PurgeInstancesFilter filter, bool recursive, CancellationToken cancellation)
    {
        if (filter.Timeout is { } timeout)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero, nameof(filter));
        var wanted = new InstanceFilter(filter.CreatedFrom?.UtcTicks, filter.CreatedTo?.UtcTicks, null, Terminal(filter.Statuses));
        if (wanted.Statuses!.Count == 0)
            return new PurgeResult(0, isComplete: true);
        var began = engine.Clock.GetTimestamp();
        var (count, after) = (0, 0L);
        while (filter.Timeout is not { } most || engine.Clock.GetElapsedTime(began) < most)
        {
            var page = await engine.Store.ReadAsync(database => Queries.Page(database, wanted, after, Chunk).ConvertAll(row => row.Key), cancellation);
            if (page.Count == 0)
                return new PurgeResult(count, isComplete: true);
            count += await engine.Store.Commits.RequestAsync(
                tables => page.Where(key => tables.StatusOf(key) is { } status && InstanceRow.IsTerminal(status)).Sum(key => Remove(tables, key, recursive)), then: null, cancellation);
            after = page[^1];
        }
        return new PurgeResult(count, isComplete: false);
    }

    static List<OrchestrationRuntimeStatus> Terminal(IEnumerable<OrchestrationRuntimeStatus>? asked)
    {
        OrchestrationRuntimeStatus[] all = [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];
        var some = asked?.ToHashSet();
        return [.. all.Where(status => some is not { Count: > 0 } || some.Contains(status))];
    }

    static int Remove(Tables tables, long key, bool recursive)
    {
        var count = 1;
        foreach (var child in recursive ? tables.Children(key) : [])
            if (InstanceRow.IsTerminal(child.Status))
                count += Remove(tables, child.Key, recursive: true);
        tables.Delete(key);
        return count;
    }
}
