using AiOs.Local.Durable.Determinism;
using AiOs.Local.Durable.Orchestrations;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Local.Durable.Histories;

/// <summary>The first difference between a recorded history and what today's code does.</summary>
/// <param name="Event">The event's number in the history, from 1; what was consumed and what was decided count together.</param>
/// <param name="Expected">What stands in the history.</param>
/// <param name="Came">What the code did.</param>
/// <param name="Message">All of it in a sentence, with what to use instead.</param>
public sealed record ReplayDivergence(int Event, string Expected, string Came, string Message);

/// <summary>
/// Runs orchestrators' code through recorded histories: no activity runs, no timer waits, nothing is stored. The tasks are those of a registry,
/// as for a <see cref="DurableEngine"/>; only its orchestrators matter. Usable from several threads.
/// </summary>
public sealed class HistoryReplayer(DurableTaskRegistry registry, IServiceProvider services, DurableEngineOptions? options = null, ILoggerFactory? loggers = null)
{
    // Never started: it knows the tasks, and how payloads are written.
    readonly DurableEngine engine = new(registry, services, options ?? new(), loggers ?? NullLoggerFactory.Instance);

    /// <summary>Replays one history; null when the code does what it says.</summary>
    public async Task<ReplayDivergence?> ReplayAsync(RecordedHistory history, ReplayStrictness strictness = ReplayStrictness.Decisions)
    {
        ArgumentNullException.ThrowIfNull(history);
        var row = history.Row;
        if (engine.Tasks.Orchestrator(row.Name, row.Version) is not { } factory)
        {
            var missing = TaskCatalogue.Missing("orchestrator", row.Name, row.Version).Message;
            return new(1, $"orchestrator '{row.Name}'", missing, $"{missing} Instances of it that are under way cannot go on: keep it until they have ended.");
        }
        await using var scope = services.CreateAsyncScope();
        var orchestrator = factory(scope.ServiceProvider);
        var divergence = engine.Options.Determinism != DeterminismChecks.Off && engine.Guard.Check(orchestrator) is { } offence
            ? NonDeterministicOrchestrationException.Forbidden(row.Name, row.Id, offence)
            : Find(history, history.End, orchestrator, engine, strictness);
        return divergence is null ? null : new(divergence.Event, divergence.Expected, divergence.Came, divergence.Message);
    }

    /// <summary>The first difference; at the end also how the execution stands.</summary>
    internal static NonDeterministicOrchestrationException? Find(
        RecordedHistory history, Standing expected, ITaskOrchestrator orchestrator, DurableEngine engine, ReplayStrictness strictness)
    {
        var execution = new Execution(history.Row, orchestrator, engine, onStray: static () => { });
        try
        {
            foreach (var turn in history.Turns)
                execution.Replay(turn.At, turn.Batch, strictness);
        }
        catch (NonDeterministicOrchestrationException other)
        {
            return other;
        }
        if (history.Turns.Count == 0)
            return null;
        var came = execution.Conclude();
        if (came is Ended { Cause: NonDeterministicOrchestrationException left } && expected is not Ended { Status: OrchestrationRuntimeStatus.Failed })
            return left;
        return StandingWords.Difference(expected, came, strictness) is { } difference
            ? NonDeterministicOrchestrationException.Diverged(history.Orchestrator, history.InstanceId, new(history.Events, StandingWords.Where), difference.Expected, difference.Came)
            : null;
    }
}
