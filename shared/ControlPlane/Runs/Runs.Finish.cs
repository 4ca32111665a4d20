using System.Data;
using System.Data.Common;
using AiOs.ControlPlane.Conversations;
using Dapper;

namespace AiOs.ControlPlane.Runs;

/// <summary>The end of a run.</summary>
/// <param name="Run">As it is stored now.</param>
/// <param name="Next">The next run of the conversation, whose turn it is now and which has not begun: schedule it.</param>
/// <param name="First">False where the run was over already; then nothing was changed.</param>
/// <param name="ConversationCommitted">False where another turn was committed since this run read the conversation, or nothing was to be committed.</param>
public sealed record Finished(RunRow Run, RunRow? Next, bool First, bool ConversationCommitted);

public sealed partial class Runs
{
    /// <summary>Ends a run in one transaction: outcome and status, the conversation's next turn, and whose turn it is. Doing it again changes nothing and returns what is stored.</summary>
    /// <param name="outcome">With a terminal status.</param>
    /// <param name="conversation">What the conversation holds from now on; null leaves it as it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="KeyNotFoundException">There is no such run.</exception>
    public async Task<Finished> FinishAsync(RunOutcome outcome, ConversationCommit? conversation, CancellationToken cancellationToken)
    {
        if (!outcome.Status.IsTerminal())
            throw new ArgumentException($"{outcome.Status} is not the end of a run.", nameof(outcome));
        var finished = await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => EndAsync(connection, transaction, outcome, conversation, onlyBeforeStart: false), cancellationToken)
            ?? throw new KeyNotFoundException($"There is no run {outcome.RunId}.");
        signals.Pulse(outcome.RunId);
        return finished;
    }

    /// <summary>Cancels a run whose orchestration has not begun; null where it has, or there is no such run. Its orchestration, if it comes, sees <see cref="MarkStartedAsync"/> refuse.</summary>
    public async Task<Finished?> CancelBeforeStartAsync(string runId, string reason, CancellationToken cancellationToken)
    {
        if (await GetAsync(runId, cancellationToken) is not { StartedAt: null, FinishedAt: null } row)
            return null;
        var outcome = row.ToOutcome() with { Status = RunStatus.Cancelled, WaitingFor = null, Reason = reason };
        var finished = await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => EndAsync(connection, transaction, outcome, null, onlyBeforeStart: true), cancellationToken);
        signals.Pulse(runId);
        return finished is { First: true } ? finished : null;
    }

    async Task<Finished?> EndAsync(DbConnection connection, DbTransaction transaction, RunOutcome outcome, ConversationCommit? commit, bool onlyBeforeStart)
    {
        if (await FindAsync(connection, transaction, outcome.RunId) is not { } before)
            return null;
        // INVARIANT: the conversation is locked before any of its runs, here as at admission.
        await ConversationTable.LockAsync(connection, transaction, before.App, before.ConversationId, before.PrincipalId, Now);
        var stored = outcome with { WaitingFor = null, Links = null, Cost = await RunCosts.OfAsync(connection, transaction, outcome.RunId) };
        var ended = await connection.ExecuteAsync(
            $"UPDATE runs SET status = @status, outcome = @outcome, waiting_for = NULL, ended_at = @now WHERE run_id = @RunId AND ended_at IS NULL {(onlyBeforeStart ? "AND started_at IS NULL" : "")}",
            new { outcome.RunId, status = outcome.Status.ToWire(), outcome = RunRecord.ToJson(stored), now = Now }, transaction);
        var row = (await FindAsync(connection, transaction, outcome.RunId))!;
        var committed = false;
        if (ended == 1)
        {
            committed = commit is not null && await ConversationTable.CommitAsync(connection, transaction, row.App, row.ConversationId, commit, Now);
            await ConversationTable.PassOnAsync(connection, transaction, row, Now);
        }

        var next = await ConversationTable.TurnOfAsync(connection, transaction, row.App, row.ConversationId);
        return new(row, next, ended == 1, committed);
    }
}
