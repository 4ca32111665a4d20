using System.Data;
using AiOs.ControlPlane.Admission;

namespace AiOs.ControlPlane.Runs;

public sealed partial class Runs
{
    /// <summary>Opens the run of a deployment: it has a timeline and an end like any other, and begins at once.</summary>
    public async Task<RunRow> OpenDeploymentAsync(string app, string version, string packageRef, string principalId, string? traceParent, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var runId = RunIds.Random(app);
        var row = new RunRow
        {
            Position = 0, RunId = runId, App = app, Version = version, PlanDigest = "", MessageRef = packageRef, RequestDigest = packageRef, ConversationId = runId,
            PrincipalId = principalId, Roles = [], Channel = Channels.Deploy, TraceParent = traceParent, Status = RunStatus.Running, CreatedAt = now, ReadyAt = now,
        };
        await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => InsertAsync(connection, transaction, row), cancellationToken);
        await MarkStartedAsync(runId, cancellationToken);
        return row with { StartedAt = now };
    }
}
