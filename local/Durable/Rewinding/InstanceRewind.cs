using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Orchestrations;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Rewinding;

/// <summary>
/// Lets failed instances go on: the failed activities behind the failure run again, and so do failed sub-orchestrations, rewound in
/// their turn. All of it is one transaction.
/// </summary>
sealed class InstanceRewind(DurableEngine engine)
{
    /// <exception cref="ArgumentException">There is no such instance.</exception>
    /// <exception cref="InvalidOperationException">It has not failed, or cannot go on from where it was; the message says why.</exception>
    public async Task RewindAsync(string instanceId, string? reason, CancellationToken cancellation)
    {
        var root = await ReadAsync(instanceId, cancellation)
            ?? throw new ArgumentException($"An orchestration with the instanceId {instanceId} was not found.", nameof(instanceId));
        if (root.Row.Status != OrchestrationRuntimeStatus.Failed)
            throw new InvalidOperationException($"The orchestration '{instanceId}' is {root.Row.Status}; only those that have failed can be rewound.");
        if (root.Row.Parent is { } parent && await ReadAsync(parent.InstanceId, cancellation) is { Row: { IsOver: false } above } && above.Key == parent.Key)
            throw new InvalidOperationException($"The orchestration '{instanceId}' is a sub-orchestration of '{parent.InstanceId}', which has gone on without it. Restart it instead.");
        var plans = new Dictionary<long, RewindPlan>();
        await PlanAsync(root, plans, cancellation);
        await engine.Store.Commits.RequestAsync(tables => Write(tables, plans, reason), outbox => outbox.Send(), cancellation);
        engine.Log.OrchestrationRewound(root.Row.Name, instanceId, plans.Count);
    }

    async Task PlanAsync(StoredInstance stored, Dictionary<long, RewindPlan> plans, CancellationToken cancellation)
    {
        var plan = await RewindPlan.MakeAsync(stored, engine);
        plans[stored.Row.Key] = plan;
        foreach (var child in plan.Open.OfType<SubOrchestrationScheduled>())
            if (await ReadAsync(child.InstanceId, cancellation) is { Row.Status: OrchestrationRuntimeStatus.Failed } failed && plan.IsOurs(child, failed.Row))
                await PlanAsync(failed, plans, cancellation);
    }

    Task<StoredInstance?> ReadAsync(string instanceId, CancellationToken cancellation) => engine.Store.ReadAsync(
        database => Queries.Instance(database, instanceId) is { } row ? StoredInstance.Read(database, row.Key) : null, cancellation);

    Outbox Write(Tables tables, Dictionary<long, RewindPlan> plans, string? reason)
    {
        foreach (var plan in plans.Values)
            if (tables.Instance(plan.Row.Key) is not { Status: OrchestrationRuntimeStatus.Failed } now || now.Completed != plan.Row.Completed)
                throw new RefusedException(new InvalidOperationException($"The orchestration '{plan.Row.Id}' has changed meanwhile. Look at it again."));
        var outbox = new Outbox(engine);
        foreach (var plan in plans.Values)
            plan.Write(tables, outbox, reason, isPlanned: plans.ContainsKey, engine.Clock.GetUtcNow().UtcTicks);
        return outbox;
    }
}
