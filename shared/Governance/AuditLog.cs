using System.Data;
using System.Data.Common;
using System.Text.Json;
using AiOs.DataPlane;
using Dapper;

namespace AiOs.Governance;

/// <summary>The append-only record of what was decided, approved and done. What cannot be recorded must not happen: append before the effect.</summary>
public sealed class AuditLog(Database database)
{
    /// <summary>Appends <paramref name="entry"/>, durable when the call returns; an entry whose dedupe key is there already changes nothing.</summary>
    public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
        {
            await AppendAsync(connection, transaction, entry);
            return 0;
        }, cancellationToken);

    /// <summary>Appends <paramref name="entry"/> in the caller's transaction, so that the fact and its record are durable together or not at all.</summary>
    public async Task AppendAsync(DbConnection connection, DbTransaction transaction, AuditEntry entry)
    {
        // The head row is the queue of all writers: who has updated it holds the next number until its transaction ends, so there are no gaps.
        var sequence = await connection.ExecuteScalarAsync<long>("UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence", transaction: transaction);
        var added = await connection.ExecuteAsync("""
            INSERT INTO audit_entries (sequence, type, at, run_id, dedupe_key, leaf) VALUES (@sequence, @Type, @at, @RunId, @DedupeKey, @leaf)
            ON CONFLICT (dedupe_key) DO NOTHING
            """, new { sequence, entry.Type, at = entry.At.ToUnixTimeMilliseconds(), entry.RunId, entry.DedupeKey, leaf = AuditLeaf.Write(sequence, entry) }, transaction);
        if (added == 0) await connection.ExecuteAsync("UPDATE audit_head SET sequence = sequence - 1 WHERE id = 1", transaction: transaction);
    }

    /// <summary>Up to <paramref name="top"/> records after the sequence number <paramref name="after"/>, in order; 0 starts at the first.</summary>
    public Task<IReadOnlyList<AuditRecord>> ReadAsync(long after, int top, CancellationToken cancellationToken) => ReadAsync(
        "SELECT sequence, leaf FROM audit_entries WHERE sequence > @after ORDER BY sequence LIMIT @top", new { after, top }, cancellationToken);

    /// <summary>All records of one run, in order.</summary>
    public Task<IReadOnlyList<AuditRecord>> ReadRunAsync(string runId, CancellationToken cancellationToken) => ReadAsync(
        "SELECT sequence, leaf FROM audit_entries WHERE run_id = @runId ORDER BY sequence", new { runId }, cancellationToken);

    Task<IReadOnlyList<AuditRecord>> ReadAsync(string sql, object arguments, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AuditRecord>>(async connection =>
            [.. (await connection.QueryAsync<Row>(sql, arguments)).Select(row => new AuditRecord(row.Sequence, AuditLeaf.Read(row.Leaf), row.Leaf))], cancellationToken);

    sealed class Row
    {
        public long Sequence { get; init; }
        public byte[] Leaf { get; init; } = [];
    }
}
