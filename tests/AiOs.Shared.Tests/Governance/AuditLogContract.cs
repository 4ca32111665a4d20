using System.Data;
using System.Data.Common;
using System.Text;
using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Security;
using Dapper;

namespace AiOs.Tests.Governance;

/// <summary>What the audit log promises, on every dialect.</summary>
public abstract class AuditLogContract
{
    static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, 123, TimeSpan.Zero);

    protected abstract Task<TestDatabase> OpenAsync(MigrationSet migrations);

    static AuditEntry Entry(string outcome, string? dedupe = null) => new("decision.made", Nine, "claims-abc", "decision", "key:ab12", "sha256:00", "sha256:11", outcome,
        new Dictionary<string, string>(StringComparer.Ordinal) { ["rule"] = "small-and-clear", ["app"] = "claims" }, dedupe);

    [Fact]
    public async Task A_leaf_is_canonical_JSON_in_its_final_form_and_reads_back_whole()
    {
        await using var test = await OpenAsync(GovernanceTables.Migrations);
        var audit = new AuditLog(test.Database);
        await audit.AppendAsync(Entry("allow", "claims-abc/decision/1"), CancellationToken.None);
        await audit.AppendAsync(new AuditEntry("action.done", Nine.ToOffset(TimeSpan.FromHours(5)), null, null, "system", null, null, "\"quoted\" ü\u0001"), CancellationToken.None);

        var records = await audit.ReadAsync(0, 10, CancellationToken.None);
        Assert.Equal([1L, 2L], records.Select(r => r.Sequence));
        Assert.Equal(
            """{"argumentsDigest":"sha256:00","at":"2026-03-02T09:00:00.123Z","dedupeKey":"claims-abc/decision/1","detail":{"app":"claims","rule":"small-and-clear"},"outcome":"allow","policyVersion":"sha256:11","principal":"key:ab12","runId":"claims-abc","schema":1,"sequence":1,"step":"decision","type":"decision.made"}""",
            Encoding.UTF8.GetString(records[0].Leaf));
        Assert.Equal("""{"at":"2026-03-02T09:00:00.123Z","outcome":"\"quoted\" ü\u0001","principal":"system","schema":1,"sequence":2,"type":"action.done"}""", Encoding.UTF8.GetString(records[1].Leaf));
        Assert.Equal(Entry("allow", "claims-abc/decision/1") with { Detail = null }, records[0].Entry with { Detail = null });
        Assert.Equal("small-and-clear", records[0].Entry.Detail!["rule"]);
        Assert.Equal([2L], (await audit.ReadAsync(1, 10, CancellationToken.None)).Select(r => r.Sequence));
        Assert.Equal([1L], (await audit.ReadRunAsync("claims-abc", CancellationToken.None)).Select(r => r.Sequence));
    }

    [Fact]
    public async Task Many_writers_leave_no_gap_and_record_what_is_retried_once()
    {
        await using var test = await OpenAsync(GovernanceTables.Migrations);
        var audit = new AuditLog(test.Database);
        var appends = Enumerable.Range(0, 90).Select(async i =>
        {
            if (i % 9 == 0) await Assert.ThrowsAsync<TimeoutException>(() => FailAfterAppendingAsync(test.Database, audit));
            else await audit.AppendAsync(Entry("allow", i % 3 == 0 ? "the same fact" : $"fact {i}"), CancellationToken.None);
        });
        await Task.WhenAll(appends);
        await audit.AppendAsync(Entry("allow", "the last fact"), CancellationToken.None);
        var records = await audit.ReadAsync(0, 1000, CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 62).Select(n => (long)n), records.Select(r => r.Sequence));
        Assert.Single(records, r => r.Entry.DedupeKey == "the same fact");
        Assert.All(records, r => Assert.Contains($"\"sequence\":{r.Sequence},", Encoding.UTF8.GetString(r.Leaf), StringComparison.Ordinal));
    }

    static Task FailAfterAppendingAsync(Database database, AuditLog audit) => database.WriteAsync<int>(IsolationLevel.ReadCommitted, async (connection, transaction) =>
    {
        await audit.AppendAsync(connection, transaction, Entry("taken back"));
        throw new TimeoutException();
    }, CancellationToken.None);

    [Theory]
    [InlineData("UPDATE audit_entries SET leaf = leaf")]
    [InlineData("UPDATE audit_entries SET type = 'x' WHERE sequence = 1")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("INSERT INTO audit_entries (sequence, type, at, leaf) SELECT sequence, 'x', 0, leaf FROM audit_entries")]
    public async Task What_is_recorded_can_be_neither_changed_nor_removed(string sql)
    {
        await using var test = await OpenAsync(GovernanceTables.Migrations);
        var audit = new AuditLog(test.Database);
        await audit.AppendAsync(Entry("allow"), CancellationToken.None);
        await Assert.ThrowsAnyAsync<DbException>(() => test.Database.WriteAsync((connection, transaction) => connection.ExecuteAsync(sql, transaction: transaction), CancellationToken.None));
        Assert.Equal("allow", Assert.Single(await audit.ReadAsync(0, 10, CancellationToken.None)).Entry.Outcome);
    }

    [Fact]
    public async Task Security_events_are_recorded()
    {
        await using var test = await OpenAsync(GovernanceTables.Migrations);
        var audit = new AuditLog(test.Database);
        await new SecurityEvents(audit).RaiseAsync(new SecurityEvent("key.created", Nine, "system", "done"), CancellationToken.None);
        Assert.Equal("security.key.created", Assert.Single(await audit.ReadAsync(0, 10, CancellationToken.None)).Entry.Type);
    }
}

public sealed class SqliteAuditLogTests : AuditLogContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresAuditLogTests(PostgresServer server) : AuditLogContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet migrations) => TestDatabase.PostgresAsync(server, migrations);
}
