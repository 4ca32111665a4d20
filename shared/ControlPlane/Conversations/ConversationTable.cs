using System.Data.Common;
using System.Text.Json;
using AiOs.ControlPlane.Runs;
using Dapper;

namespace AiOs.ControlPlane.Conversations;

/// <summary>The table conversations, inside the caller's transaction. Its row is the lock of the conversation: whoever admits or ends a run takes it first.</summary>
static class ConversationTable
{
    public static async Task<Conversation?> FindAsync(DbConnection connection, string app, string id)
    {
        var record = await connection.QuerySingleOrDefaultAsync<Record>("""
            SELECT turn AS Turn, fields AS Fields, intent AS Intent, open_question AS OpenQuestion, last_active_at AS LastActiveAt
            FROM conversations WHERE app = @app AND conversation_id = @id
            """, new { app, id });
        return record is null ? null : new(app, id, record.Turn, RunRecord.FromJson<Dictionary<string, JsonElement>>(record.Fields)!, record.Intent,
            RunRecord.FromJson<Question>(record.OpenQuestion), RunRecord.Time(record.LastActiveAt));
    }

    /// <summary>The plan that the conversation is pinned to: null where it has been idle since before <paramref name="idleSince"/> and no run of it is under way.</summary>
    public static Task<Pin?> PinAsync(DbConnection connection, DbTransaction? transaction, string app, string id, long idleSince) => connection.QuerySingleOrDefaultAsync<Pin>("""
        SELECT version AS Version, plan_digest AS PlanDigest FROM conversations
        WHERE app = @app AND conversation_id = @id AND plan_digest IS NOT NULL AND (active_run IS NOT NULL OR last_active_at > @idleSince)
        """, new { app, id, idleSince }, transaction);

    /// <summary>Takes the lock; makes the row, as <paramref name="principalId"/>'s, where there is none. Returns whose conversation it is; null: anybody's.</summary>
    public static Task<string?> LockAsync(DbConnection connection, DbTransaction transaction, string app, string id, string principalId, long now) => connection.QuerySingleAsync<string?>("""
        INSERT INTO conversations (app, conversation_id, principal_id, turn, fields, last_active_at) VALUES (@app, @id, @principalId, 0, '{}', @now)
        ON CONFLICT (app, conversation_id) DO UPDATE SET turn = conversations.turn RETURNING principal_id
        """, new { app, id, principalId, now }, transaction);

    /// <summary>Pins the plan and gives the run its turn where nobody has it. Returns the run whose turn it is.</summary>
    public static Task<string> EnterAsync(DbConnection connection, DbTransaction transaction, string app, string id, string runId, Pin pin, long now) => connection.QuerySingleAsync<string>("""
        UPDATE conversations SET active_run = COALESCE(active_run, @runId), version = @Version, plan_digest = @PlanDigest, last_active_at = @now
        WHERE app = @app AND conversation_id = @id RETURNING active_run
        """, new { app, id, runId, pin.Version, pin.PlanDigest, now }, transaction);

    public static async Task<bool> CommitAsync(DbConnection connection, DbTransaction transaction, string app, string id, ConversationCommit commit, long now) => await connection.ExecuteAsync("""
        UPDATE conversations SET turn = turn + 1, fields = @fields, intent = @Intent, open_question = @question, last_active_at = @now
        WHERE app = @app AND conversation_id = @id AND turn = @Turn
        """, new { app, id, commit.Turn, commit.Intent, fields = RunRecord.ToJson(commit.Fields), question = RunRecord.ToJson(commit.OpenQuestion), now }, transaction) == 1;

    /// <summary>Gives the turn of a run that ended to the next that was admitted.</summary>
    public static async Task PassOnAsync(DbConnection connection, DbTransaction transaction, RunRow ended, long now)
    {
        var had = await connection.ExecuteAsync("UPDATE conversations SET last_active_at = @now WHERE app = @App AND conversation_id = @ConversationId AND active_run = @RunId",
            new { ended.App, ended.ConversationId, ended.RunId, now }, transaction);
        if (had == 0)
            return;
        var next = await connection.QuerySingleOrDefaultAsync<string>("""
            SELECT run_id FROM runs WHERE app = @App AND conversation_id = @ConversationId AND ready_at IS NULL AND ended_at IS NULL ORDER BY position LIMIT 1
            """, new { ended.App, ended.ConversationId }, transaction);
        await connection.ExecuteAsync("UPDATE conversations SET active_run = @next WHERE app = @App AND conversation_id = @ConversationId", new { ended.App, ended.ConversationId, next }, transaction);
        if (next is not null)
            await connection.ExecuteAsync("UPDATE runs SET ready_at = @now, waiting_for = NULL WHERE run_id = @next", new { next, now }, transaction);
    }

    /// <summary>The run whose turn it is, where it has not begun.</summary>
    public static async Task<RunRow?> TurnOfAsync(DbConnection connection, DbTransaction transaction, string app, string id) =>
        (await connection.QuerySingleOrDefaultAsync<RunRecord>($"""
            SELECT {RunRecord.Columns} FROM runs
            WHERE started_at IS NULL AND ended_at IS NULL AND run_id = (SELECT active_run FROM conversations WHERE app = @app AND conversation_id = @id)
            """, new { app, id }, transaction))?.ToRow();

    sealed class Record
    {
        public long Turn { get; set; }
        public string Fields { get; set; } = "{}";
        public string? Intent { get; set; }
        public string? OpenQuestion { get; set; }
        public long LastActiveAt { get; set; }
    }

    internal sealed class Pin
    {
        public string Version { get; set; } = "";
        public string PlanDigest { get; set; } = "";
    }
}
