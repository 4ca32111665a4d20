using System.Data;
using AiOs.ControlPlane.Admission;
using Dapper;

namespace AiOs.ControlPlane.Runs;

public sealed partial class Runs
{
    /// <summary>Opens the run of a deployment: it has a timeline and an end like any other, and begins at once.</summary>
    /// <param name="app">The app.</param>
    /// <param name="version">What is deployed.</param>
    /// <param name="packageRef">Its files.</param>
    /// <param name="principalId">Who deploys.</param>
    /// <param name="traceParent">The trace of the request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="rebuilds">The plan in force, where its version is only built again; null where a version is deployed.</param>
    public async Task<RunRow> OpenDeploymentAsync(string app, string version, string packageRef, string principalId, string? traceParent, CancellationToken cancellationToken, string? rebuilds = null)
    {
        var now = clock.GetUtcNow();
        var runId = RunIds.Random(app);
        var row = new RunRow
        {
            Position = 0, RunId = runId, App = app, Version = version, PlanDigest = rebuilds ?? "", MessageRef = packageRef, RequestDigest = packageRef, ConversationId = runId,
            PrincipalId = principalId, Roles = [], Channel = Channels.Deploy, TraceParent = traceParent, Status = RunStatus.Running, CreatedAt = now, ReadyAt = now,
        };
        await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => InsertAsync(connection, transaction, row), cancellationToken);
        await MarkStartedAsync(runId, cancellationToken);
        return row with { StartedAt = now };
    }

    /// <summary>The package that a version was last deployed from; null where no such deployment is recorded.</summary>
    public Task<string?> PackageAsync(string app, string version, CancellationToken cancellationToken) => database.ReadAsync(connection => connection.ExecuteScalarAsync<string?>(
        "SELECT message_ref FROM runs WHERE app = @app AND version = @version AND channel = @channel AND status = @status ORDER BY position DESC LIMIT 1",
        new { app, version, channel = Channels.Deploy, status = RunStatus.Completed.ToWire() }), cancellationToken);

    /// <summary>Deployments that were recorded more than <paramref name="olderThan"/> ago and of which no step has begun, oldest first: the sweeper schedules them.</summary>
    public async Task<IReadOnlyList<RunRow>> DeploymentsNotBegunAsync(TimeSpan olderThan, int top, CancellationToken cancellationToken)
    {
        var sql = $"""
            SELECT {RunRecord.Columns} FROM runs
            WHERE channel = @channel AND status = @status AND ended_at IS NULL AND created_at <= @before
              AND NOT EXISTS (SELECT 1 FROM run_events WHERE run_events.run_id = runs.run_id)
            ORDER BY position LIMIT @top
            """;
        var given = new { channel = Channels.Deploy, status = RunStatus.Running.ToWire(), before = RunRecord.Milliseconds(clock.GetUtcNow() - olderThan), top };
        return [.. (await database.ReadAsync(connection => connection.QueryAsync<RunRecord>(sql, given), cancellationToken)).Select(record => record.ToRow())];
    }
}
