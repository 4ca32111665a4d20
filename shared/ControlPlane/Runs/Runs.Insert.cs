using System.Data.Common;
using Dapper;

namespace AiOs.ControlPlane.Runs;

public sealed partial class Runs
{
    /// <summary>Adds a run; false where its id is taken.</summary>
    internal static async Task<bool> InsertAsync(DbConnection connection, DbTransaction transaction, RunRow row) => await connection.ExecuteAsync("""
        INSERT INTO runs (run_id, app, version, plan_digest, message_ref, request_digest, conversation_id, principal_id, roles, channel, trace_parent, status, created_at)
        VALUES (@RunId, @App, @Version, @PlanDigest, @MessageRef, @RequestDigest, @ConversationId, @PrincipalId, @Roles, @Channel, @TraceParent, @Status, @CreatedAt)
        ON CONFLICT (run_id) DO NOTHING
        """, RunRecord.Of(row), transaction) == 1;

    /// <summary>Says whether it is the run's turn in its conversation.</summary>
    internal static Task PlaceAsync(DbConnection connection, DbTransaction transaction, string runId, long? readyAt, WaitingFor? waitingFor) => connection.ExecuteAsync(
        "UPDATE runs SET ready_at = @readyAt, waiting_for = @waitingFor WHERE run_id = @runId", new { runId, readyAt, waitingFor = RunRecord.ToJson(waitingFor) }, transaction);
}
