using System.Data;
using System.Data.Common;
using System.Globalization;
using AiOs.ControlPlane.Conversations;
using AiOs.DataPlane;
using Dapper;

namespace AiOs.ControlPlane.Runs;

/// <summary>Our projection of runs: what lists, replies and streams are read from. The durable backend is never asked.</summary>
public sealed partial class Runs(Database database, RunSignals signals, TimeProvider clock)
{
    /// <summary>The run, or null.</summary>
    public async Task<RunRow?> GetAsync(string runId, CancellationToken cancellationToken) => await database.ReadAsync(
        connection => FindAsync(connection, null, runId), cancellationToken);

    /// <summary>A page of runs, newest first.</summary>
    /// <param name="app">Only of this app.</param>
    /// <param name="status">Only in this status.</param>
    /// <param name="top">1 to 500.</param>
    /// <param name="after"><see cref="RunPage.Next"/> of the page before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="FormatException"><paramref name="after"/> is not from a page.</exception>
    public Task<RunPage> ListAsync(string? app, RunStatus? status, int top, string? after, CancellationToken cancellationToken) => ListAsync(app, status, null, top, after, cancellationToken);

    /// <inheritdoc cref="ListAsync(string?, RunStatus?, int, string?, CancellationToken)"/>
    /// <param name="principalId">Only those that this principal started; null for everybody's.</param>
    public async Task<RunPage> ListAsync(string? app, RunStatus? status, string? principalId, int top, string? after, CancellationToken cancellationToken)
    {
        long? before = after is null ? null : long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : throw new FormatException("'after' must come from a page.");
        top = Math.Clamp(top, 1, 500);
        string?[] conditions = [app is null ? null : "app = @app", status is null ? null : "status = @status", principalId is null ? null : "principal_id = @principalId", before is null ? null : "position < @before"];
        var where = string.Join(" AND ", conditions.OfType<string>());
        var sql = $"SELECT {RunRecord.Columns} FROM runs {(where.Length > 0 ? "WHERE " + where : "")} ORDER BY position DESC LIMIT @limit";
        var records = (await database.ReadAsync(connection => connection.QueryAsync<RunRecord>(sql, new { app, status = status?.ToWire(), principalId, before, limit = top + 1 }), cancellationToken)).AsList();
        var rows = records.Take(top).Select(record => record.ToRow()).ToList();
        return new(rows, records.Count > top ? rows[^1].Position.ToString(CultureInfo.InvariantCulture) : null);
    }

    /// <summary>Runs whose turn came more than <paramref name="olderThan"/> ago and whose orchestration never began, oldest first: the sweeper schedules them.</summary>
    public async Task<IReadOnlyList<RunRow>> AdmittedButNotStartedAsync(TimeSpan olderThan, int top, CancellationToken cancellationToken)
    {
        var before = RunRecord.Milliseconds(clock.GetUtcNow() - olderThan);
        var sql = $"SELECT {RunRecord.Columns} FROM runs WHERE started_at IS NULL AND ended_at IS NULL AND ready_at <= @before ORDER BY position LIMIT @top";
        return [.. (await database.ReadAsync(connection => connection.QueryAsync<RunRecord>(sql, new { before, top }), cancellationToken)).Select(record => record.ToRow())];
    }

    /// <summary>The runs of its conversation that were admitted before it and have not ended, the latest first.</summary>
    public async Task<IReadOnlyList<RunRow>> EarlierInConversationAsync(RunRow run, CancellationToken cancellationToken) => [.. (await database.ReadAsync(connection => connection.QueryAsync<RunRecord>($"""
        SELECT {RunRecord.Columns} FROM runs WHERE app = @App AND conversation_id = @ConversationId AND ended_at IS NULL AND position < @Position ORDER BY position DESC
        """, new { run.App, run.ConversationId, run.Position }), cancellationToken)).Select(record => record.ToRow())];

    /// <summary>Notes that the run's orchestration began. False where the run is over (cancelled before it began) or unknown: then the orchestration must end without doing anything.</summary>
    public Task<bool> MarkStartedAsync(string runId, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
        await connection.ExecuteAsync("UPDATE runs SET started_at = COALESCE(started_at, @now) WHERE run_id = @runId AND ended_at IS NULL",
            new { runId, now = Now }, transaction) == 1, cancellationToken);

    /// <summary>Changes the status of a run that is not over, and what it came to so far. False where it is over or unknown.</summary>
    public async Task<bool> SetStatusAsync(string runId, RunStatus status, WaitingFor? waitingFor, RunOutcome? soFar, CancellationToken cancellationToken)
    {
        if (status.IsTerminal())
            throw new ArgumentException("A run ends with FinishAsync.", nameof(status));
        var changed = await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync(
            "UPDATE runs SET status = @status, waiting_for = @waitingFor, outcome = COALESCE(@outcome, outcome) WHERE run_id = @runId AND ended_at IS NULL",
            new { runId, status = status.ToWire(), waitingFor = RunRecord.ToJson(waitingFor), outcome = RunRecord.ToJson(soFar) }, transaction), cancellationToken);
        signals.Pulse(runId);
        return changed == 1;
    }

    /// <summary>Waits until the run is over or waits for somebody, at most <paramref name="atMost"/>; returns it as it is then. Null where there is no such run.</summary>
    public Task<RunRow?> WaitAsync(string runId, TimeSpan atMost, CancellationToken cancellationToken) =>
        WaitAsync(runId, row => row.Status != RunStatus.Running, atMost, cancellationToken);

    /// <summary>Waits until the run is over, at most <paramref name="atMost"/>; returns it as it is then. Null where there is no such run.</summary>
    public Task<RunRow?> WaitForEndAsync(string runId, TimeSpan atMost, CancellationToken cancellationToken) =>
        WaitAsync(runId, row => row.Status.IsTerminal(), atMost, cancellationToken);

    async Task<RunRow?> WaitAsync(string runId, Func<RunRow, bool> enough, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var watch = signals.Begin(runId);
        var began = clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(25); ; pause = Least(pause * 2, LongestPause))
        {
            var changed = watch.Next;
            var row = await GetAsync(runId, cancellationToken);
            var left = atMost - clock.GetElapsedTime(began);
            if (row is null || enough(row) || left <= TimeSpan.Zero)
                return row;
            await SignalOrPauseAsync(changed, Least(pause, left), cancellationToken);
        }
    }

    static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>Another process may have made the change, so no wait is only for the signal.</summary>
    async Task SignalOrPauseAsync(Task changed, TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(pause, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The pause is over: the caller reads again.
        }
    }

    long Now => RunRecord.Milliseconds(clock.GetUtcNow());

    internal static async Task<RunRow?> FindAsync(DbConnection connection, DbTransaction? transaction, string runId) =>
        (await connection.QuerySingleOrDefaultAsync<RunRecord>($"SELECT {RunRecord.Columns} FROM runs WHERE run_id = @runId", new { runId }, transaction))?.ToRow();
}
