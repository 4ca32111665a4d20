using System.Data;
using System.Globalization;
using AiOs.Governance;
using System.Data.Common;
using System.Text.Json;
using AiOs.DataPlane;
using Dapper;

namespace AiOs.Agents.Actions;

/// <summary>What was wanted, sent and achieved: intended, then sent, then done, failed or unknown. An undo is a row of its own. Every change is durable before the call returns, and in the same
/// transaction the audit log gets its leaf: one before the effect, one for the outcome.</summary>
public sealed class ActionLedger(Database database, AuditLog audit, TimeProvider clock)
{
    const string Columns = """
        key AS Key, run_id AS RunId, app AS App, step AS Step, iteration AS Iteration, connector AS Connector, arguments AS Arguments, principal AS Principal, policy_version AS PolicyVersion,
        state AS State, attempts AS Attempts, result AS Result, reason AS Reason, may_have_happened AS MayHaveHappened, undo_of AS UndoOf, created_at AS CreatedAt, ended_at AS EndedAt, resolved_by AS ResolvedBy
        """;

    internal static MigrationSet Migrations { get; } = new("actions", new Migration(1, """
        CREATE TABLE actions (
          key TEXT PRIMARY KEY, run_id TEXT NOT NULL, app TEXT NOT NULL, step TEXT NOT NULL, iteration INTEGER NOT NULL, connector TEXT NOT NULL, arguments TEXT NOT NULL,
          principal TEXT NOT NULL, policy_version TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, result TEXT, reason TEXT, may_have_happened INTEGER NOT NULL,
          undo_of TEXT, created_at BIGINT NOT NULL, sent_at BIGINT, ended_at BIGINT, resolved_by TEXT, comment TEXT);
        CREATE INDEX actions_by_run ON actions (run_id, created_at)
        """));

    /// <summary>The action with this key, or null.</summary>
    public async Task<ActionRow?> GetAsync(string key, CancellationToken cancellationToken) => await database.ReadAsync(connection => FindAsync(connection, null, key), cancellationToken);

    /// <summary>The run's actions and undos, oldest first.</summary>
    public async Task<IReadOnlyList<ActionRow>> OfRunAsync(string runId, CancellationToken cancellationToken) =>
        [.. (await database.ReadAsync(connection => connection.QueryAsync<Record>($"SELECT {Columns} FROM actions WHERE run_id = @runId ORDER BY created_at, key", new { runId }), cancellationToken)).Select(r => r.ToRow())];

    /// <summary>Writes down that the action is wanted; returns the row, which may have moved on already.</summary>
    internal Task<ActionRow> IntendAsync(ActionRequest request, Connector connector, string key, string? undoOf, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
    {
        var added = await connection.ExecuteAsync("""
            INSERT INTO actions (key, run_id, app, step, iteration, connector, arguments, principal, policy_version, state, attempts, may_have_happened, undo_of, created_at)
            VALUES (@key, @RunId, @App, @StepPath, @Iteration, @connector, @arguments, @Principal, @PolicyVersion, 'intended', 0, 0, @undoOf, @now)
            ON CONFLICT (key) DO NOTHING
            """, new { key, request.RunId, request.App, request.StepPath, request.Iteration, connector = connector.Name, arguments = request.Arguments.GetRawText(), request.Principal, request.PolicyVersion, undoOf, now = Now }, transaction);
        var row = (await FindAsync(connection, transaction, key))!;
        if (added == 1)
            await audit.AppendAsync(connection, transaction, Leaf(row, "intended", row.Principal));
        return row;
    }, cancellationToken);

    /// <summary>Writes down that a request is about to leave the house.</summary>
    internal Task SentAsync(string key, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync(
        "UPDATE actions SET state = 'sent', attempts = attempts + 1, sent_at = @now WHERE key = @key AND state IN ('intended', 'sent')", new { key, now = Now }, transaction), cancellationToken);

    /// <summary>Writes down how it ended and returns what is stored: an end is never rewritten, except that who sent the request may still learn that it happened.</summary>
    internal Task<ActionRow> EndAsync(string key, ActionState state, JsonElement? result, string? reason, bool mayHaveHappened, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
    {
        var changed = await connection.ExecuteAsync($"""
            UPDATE actions SET state = @state, result = @result, reason = @reason, may_have_happened = @flag, ended_at = @now
            WHERE key = @key AND (state IN ('intended', 'sent') {(state == ActionState.Done ? "OR state = 'unknown' AND resolved_by IS NULL" : "")})
            """, new { key, state = Wire(state), result = result?.GetRawText(), reason, flag = mayHaveHappened ? 1 : 0, now = Now }, transaction);
        var row = (await FindAsync(connection, transaction, key))!;
        if (changed == 1)
            await audit.AppendAsync(connection, transaction, Leaf(row, Wire(state), row.Principal));
        return row;
    }, cancellationToken);

    /// <summary>Writes down what a person found out about an unknown action; null where there is no such action. Any other state stays as it is.</summary>
    internal Task<ActionRow?> ResolveAsync(string key, ActionState state, string by, string? comment, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
    {
        var changed = await connection.ExecuteAsync("""
            UPDATE actions SET state = @state, reason = @reason, resolved_by = @by, comment = @comment, ended_at = @now WHERE key = @key AND state = 'unknown'
            """, new { key, state = Wire(state), reason = state == ActionState.Done ? null : "A person found that it did not happen.", by, comment, now = Now }, transaction);
        var row = await FindAsync(connection, transaction, key);
        if (changed == 1)
            await audit.AppendAsync(connection, transaction, Leaf(row!, state == ActionState.Done ? "resolved.happened" : "resolved.didNotHappen", by));
        return row;
    }, cancellationToken);

    AuditEntry Leaf(ActionRow row, string outcome, string by)
    {
        var detail = new Dictionary<string, string>(StringComparer.Ordinal) { ["connector"] = row.Connector, ["key"] = row.Key, ["requests"] = row.Attempts.ToString(CultureInfo.InvariantCulture) };
        if (row.Reason is { } reason)
            detail["reason"] = reason;
        return new($"action.{(row.UndoOf is null ? "" : "undo.")}{outcome}", clock.GetUtcNow(), row.RunId, row.Step, by, ActionKey.Digest(row.Connector, row.Arguments, row.PolicyVersion),
            row.PolicyVersion, outcome, detail, $"{row.Key}/{outcome}");
    }

    long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    static string Wire(ActionState state) => state.ToString().ToLowerInvariant();

    static async Task<ActionRow?> FindAsync(DbConnection connection, DbTransaction? transaction, string key) =>
        (await connection.QuerySingleOrDefaultAsync<Record>($"SELECT {Columns} FROM actions WHERE key = @key", new { key }, transaction))?.ToRow();

    sealed class Record
    {
        public string Key { get; set; } = "";
        public string RunId { get; set; } = "";
        public string App { get; set; } = "";
        public string Step { get; set; } = "";
        public long Iteration { get; set; }
        public string Connector { get; set; } = "";
        public string Arguments { get; set; } = "";
        public string Principal { get; set; } = "";
        public string PolicyVersion { get; set; } = "";
        public string State { get; set; } = "";
        public long Attempts { get; set; }
        public string? Result { get; set; }
        public string? Reason { get; set; }
        public long MayHaveHappened { get; set; }
        public string? UndoOf { get; set; }
        public long CreatedAt { get; set; }
        public long? EndedAt { get; set; }
        public string? ResolvedBy { get; set; }

        public ActionRow ToRow() => new()
        {
            Key = Key, RunId = RunId, App = App, Step = Step, Iteration = (int)Iteration, Connector = Connector, Arguments = JsonElement.Parse(Arguments), Principal = Principal,
            PolicyVersion = PolicyVersion, State = Enum.Parse<ActionState>(State, ignoreCase: true), Attempts = (int)Attempts, Result = Result is null ? null : JsonElement.Parse(Result),
            Reason = Reason, MayHaveHappened = MayHaveHappened != 0, UndoOf = UndoOf, CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            EndedAt = EndedAt is { } ended ? DateTimeOffset.FromUnixTimeMilliseconds(ended) : null, ResolvedBy = ResolvedBy,
        };
    }
}
