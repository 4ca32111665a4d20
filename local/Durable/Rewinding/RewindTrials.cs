using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Orchestrations;
using AiOs.Local.Durable.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Durable.Rewinding;

/// <summary>
/// Finds which failures can be taken out of a history: those without which the code decides the same as before. A failure that the
/// code handled (it tried again, it compensated) decided what came after, so it stays.
/// </summary>
sealed class RewindTrials(InstanceRow row, List<(long At, HistoryBatch Batch)> history, DurableEngine engine) : IAsyncDisposable
{
    readonly AsyncServiceScope scope = engine.Services.CreateAsyncScope();

    /// <summary>The history that is left, and the numbers of the decisions that then wait for an answer.</summary>
    /// <exception cref="InvalidOperationException">The code that there is now does not go with the history.</exception>
    public (List<(long At, HistoryBatch Batch)> Kept, HashSet<int> Open) Run()
    {
        if (history.Count == 0)
            return ([], []);
        int[] failed = [.. history.SelectMany(h => h.Batch.Consumed).Where(IsFailure).Select(e => ((TaskAnswered)e).TaskId)];
        HashSet<int> removed = [.. failed];
        var open = Open(removed, out _);
        if (open is null)
        {
            removed = [];
            open = Open(removed, out var strayed) ?? throw new InvalidOperationException($"The orchestration '{row.Id}' cannot be rewound. {strayed?.Message}", strayed);
            foreach (var id in failed.Reverse())
                if (Open([.. removed, id], out _) is { } further)
                {
                    removed.Add(id);
                    open = further;
                }
        }
        return ([.. history.Select(h => (h.At, Without(h.Batch, removed)))], open);
    }

    // What is open after a replay without those failures; null when the code then decides something else.
    HashSet<int>? Open(HashSet<int> removed, out NonDeterministicOrchestrationException? strayed)
    {
        strayed = null;
        var factory = engine.Tasks.Orchestrator(row.Name, row.Version)
            ?? throw new InvalidOperationException($"The orchestration '{row.Id}' cannot be rewound: {TaskCatalogue.Missing("orchestrator", row.Name, row.Version).Message}");
        var execution = new Execution(row, factory(scope.ServiceProvider), engine, static () => { });
        try
        {
            foreach (var (at, batch) in history)
                execution.Replay(at, Without(batch, removed));
            return [.. execution.StartedContext!.Open.Keys];
        }
        catch (NonDeterministicOrchestrationException divergence)
        {
            strayed = divergence;
            return null;
        }
    }

    static bool IsFailure(HistoryEvent happened) => happened is TaskFailed or SubOrchestrationFailed;

    static HistoryBatch Without(HistoryBatch batch, HashSet<int> removed) =>
        batch with { Consumed = [.. batch.Consumed.Where(e => !IsFailure(e) || !removed.Contains(((TaskAnswered)e).TaskId))] };

    public ValueTask DisposeAsync() => scope.DisposeAsync();
}
