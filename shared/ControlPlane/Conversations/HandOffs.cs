using System.Data;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Security;
using Dapper;

namespace AiOs.ControlPlane.Conversations;

/// <summary>What became of taking or closing a hand-off: <paramref name="HandOff"/> as it is stored now, null where there is none.</summary>
public sealed record HandOffAnswer(HandOff? HandOff, bool Allowed, bool Changed);

/// <summary>Conversations that people take over. Every change is one compare-and-set with its audit leaf in the same transaction.</summary>
public sealed class HandOffs(Database database, AuditLog audit, TimeProvider clock)
{
    const string Columns = "id AS Id, app AS App, conversation_id AS ConversationId, run_id AS RunId, role AS Role, reason AS Reason, status AS Status, created_at AS CreatedAt, taken_by AS TakenBy, taken_at AS TakenAt, closed_at AS ClosedAt";

    /// <summary>Its table.</summary>
    public static MigrationSet Migrations { get; } = new("hand-offs", new Migration(1, """
        CREATE TABLE hand_offs (
          id TEXT NOT NULL PRIMARY KEY, app TEXT NOT NULL, conversation_id TEXT NOT NULL, run_id TEXT NOT NULL, role TEXT NOT NULL, reason TEXT NOT NULL, status TEXT NOT NULL,
          created_at BIGINT NOT NULL, taken_by TEXT, taken_at BIGINT, closed_at BIGINT);
        CREATE UNIQUE INDEX hand_offs_under_way ON hand_offs (app, conversation_id) WHERE status <> 'closed';
        CREATE INDEX hand_offs_by_status ON hand_offs (status, created_at, id)
        """));

    /// <summary>Opens a hand-off, once for a run; where the conversation has one that is not closed, that one counts.</summary>
    public Task<HandOff> OpenAsync(RunStart run, string role, HandOffReason reason, CancellationToken cancellationToken)
    {
        var id = "hof-" + Base32.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(run.RunId))[..16]);
        return WriteAsync(async (connection, transaction) =>
        {
            var added = await connection.ExecuteAsync("""
                INSERT INTO hand_offs (id, app, conversation_id, run_id, role, reason, status, created_at) VALUES (@id, @App, @ConversationId, @RunId, @role, @why, 'open', @now) ON CONFLICT DO NOTHING
                """, new { id, run.App, run.ConversationId, run.RunId, role, why = Wire(reason), now = Now }, transaction);
            var stored = await FindAsync(connection, transaction, "id = @id", new { id })
                ?? (await FindAsync(connection, transaction, "app = @App AND conversation_id = @ConversationId AND status <> 'closed'", new { run.App, run.ConversationId }))!;
            if (added > 0)
                await RecordAsync(connection, transaction, stored, "handOff.opened", run.PrincipalId);
            return stored;
        }, cancellationToken);
    }

    /// <summary>Takes an open hand-off. Whoever has its role, or is an owner, may; the first counts.</summary>
    public Task<HandOffAnswer> TakeAsync(string id, Principal who, CancellationToken cancellationToken) =>
        ChangeAsync(id, who, "UPDATE hand_offs SET status = 'taken', taken_by = @by, taken_at = @now WHERE id = @id AND status = 'open'", "handOff.taken", cancellationToken);

    /// <summary>Closes a hand-off that is not closed; taken or not.</summary>
    public Task<HandOffAnswer> CloseAsync(string id, Principal who, CancellationToken cancellationToken) =>
        ChangeAsync(id, who, "UPDATE hand_offs SET status = 'closed', taken_by = COALESCE(taken_by, @by), closed_at = @now WHERE id = @id AND status <> 'closed'", "handOff.closed", cancellationToken);

    /// <summary>Up to 200 hand-offs, the oldest first.</summary>
    /// <param name="status">Only these; null for all.</param>
    /// <param name="app">Only this app's; null for all.</param>
    /// <param name="after">The id of the last one of the page before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<HandOff>> ListAsync(HandOffStatus? status, string? app, string? after, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<HandOff>>(async connection =>
        [.. (await connection.QueryAsync<Row>($"""
            SELECT {Columns} FROM hand_offs
            WHERE (CAST(@status AS TEXT) IS NULL OR status = @status) AND (CAST(@app AS TEXT) IS NULL OR app = @app)
              AND (CAST(@after AS TEXT) IS NULL OR (created_at, id) > (SELECT created_at, id FROM hand_offs WHERE id = @after))
            ORDER BY created_at, id LIMIT 200
            """, new { status = status is { } wanted ? Wire(wanted) : null, app, after })).Select(row => row.ToHandOff())], cancellationToken);

    Task<HandOffAnswer> ChangeAsync(string id, Principal who, string update, string type, CancellationToken cancellationToken) => WriteAsync(async (connection, transaction) =>
    {
        if (await FindAsync(connection, transaction, "id = @id", new { id }) is not { } before)
            return new HandOffAnswer(null, Allowed: true, Changed: false);
        if (!who.Is(Role.Owner) && !(Roles.Find(before.Role) is { } needed && who.Is(needed)))
            return new HandOffAnswer(before, Allowed: false, Changed: false);
        var changed = await connection.ExecuteAsync(update, new { id, by = who.Id, now = Now }, transaction) == 1;
        var after = (await FindAsync(connection, transaction, "id = @id", new { id }))!;
        if (changed)
            await RecordAsync(connection, transaction, after, type, who.Id);
        return new HandOffAnswer(after, Allowed: true, changed);
    }, cancellationToken);

    Task RecordAsync(DbConnection connection, DbTransaction transaction, HandOff handOff, string type, string principal) =>
        audit.AppendAsync(connection, transaction, new AuditEntry(type, clock.GetUtcNow(), handOff.RunId, "handOff", principal, null, null, Wire(handOff.Status),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["handOff"] = handOff.Id, ["app"] = handOff.App, ["role"] = handOff.Role, ["reason"] = Wire(handOff.Reason) }, $"{handOff.Id}/{type}"));

    long Now => RunRecord.Milliseconds(clock.GetUtcNow());

    Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, work, cancellationToken);

    static async Task<HandOff?> FindAsync(DbConnection connection, DbTransaction transaction, string where, object arguments) =>
        (await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM hand_offs WHERE {where}", arguments, transaction))?.ToHandOff();

    static string Wire<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    sealed class Row
    {
        public string Id { get; set; } = "";
        public string App { get; set; } = "";
        public string ConversationId { get; set; } = "";
        public string RunId { get; set; } = "";
        public string Role { get; set; } = "";
        public string Reason { get; set; } = "";
        public string Status { get; set; } = "";
        public long CreatedAt { get; set; }
        public string? TakenBy { get; set; }
        public long? TakenAt { get; set; }
        public long? ClosedAt { get; set; }

        public HandOff ToHandOff() => new(Id, App, ConversationId, RunId, Role, Enum.Parse<HandOffReason>(Reason, ignoreCase: true), Enum.Parse<HandOffStatus>(Status, ignoreCase: true),
            RunRecord.Time(CreatedAt), TakenBy, TakenAt is { } taken ? RunRecord.Time(taken) : null, ClosedAt is { } closed ? RunRecord.Time(closed) : null);
    }
}
