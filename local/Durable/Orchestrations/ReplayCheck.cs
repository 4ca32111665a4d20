using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>Replays an execution from its start after each of its turns, so that what would not replay fails at once and not some day.</summary>
sealed class ReplayCheck(Func<ITaskOrchestrator> again, DurableEngine engine)
{
    readonly List<RecordedTurn> turns = [];

    /// <summary>Turns that are stored already.</summary>
    public void Begin(IEnumerable<(long At, HistoryBatch Batch)> history) => turns.AddRange(history.Select(turn => new RecordedTurn(turn.At, turn.Batch)));

    /// <summary>How the execution stands after its latest turn: as it says, or failed because a replay says something else.</summary>
    public Standing Judge(InstanceRow row, long at, List<HistoryEvent> events, List<Decision> decisions, Standing standing)
    {
        turns.Add(new(at, new(events, standing is Ended end ? [.. decisions, new ExecutionCompleted((int)end.Status, end.Output, end.Failure)] : [.. decisions])));
        if (standing is Ended { Cause: NonDeterministicOrchestrationException })
            return standing;
        return HistoryReplayer.Find(new(row, turns), standing, again(), engine, ReplayStrictness.Payloads) is { } divergence
            ? new Ended(Microsoft.DurableTask.Client.OrchestrationRuntimeStatus.Failed, null, Failure.From(divergence), Recursive: false) { Cause = divergence }
            : standing;
    }
}
