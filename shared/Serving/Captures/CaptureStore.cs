using System.Data;
using AiOs.DataPlane;
using AiOs.Serving.Calls;
using Dapper;

namespace AiOs.Serving.Captures;

/// <summary>The table of captures.</summary>
sealed class CaptureStore(Database database, CaptureOptions options, TimeProvider clock)
{
    /// <summary>So many are removed in one transaction, so that others get in between.</summary>
    const int Chunk = 1_000;

    public Task WriteAsync(IReadOnlyList<CallFacts> calls, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
    {
        await using var command = CaptureRow.Insert(connection, transaction);
        foreach (var call in calls)
        {
            CaptureRow.Fill(command, call);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return 0;
    }, cancellationToken);

    public async Task<CapturePage> ListAsync(CaptureQuery query, CancellationToken cancellationToken)
    {
        var where = string.Join(" AND ", new[] { query.Run is null ? null : "run_id = @Run", query.Model is null ? null : "model = @Model", query.After is null ? null : "position < @After" }.Where(part => part is not null).DefaultIfEmpty("1 = 1"));
        var rows = await database.ReadAsync(async connection => (await connection.QueryAsync<CaptureRow>(
            $"SELECT {CaptureRow.Columns} FROM captures WHERE {where} ORDER BY position DESC LIMIT @Limit", new { query.Run, query.Model, query.After, Limit = query.Top + 1 })).ToList(), cancellationToken);
        var page = rows.Take(query.Top).Select(row => row.ToCapture()).ToList();
        return new(page, rows.Count > query.Top ? page[^1].Position.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    public async Task<Capture?> GetAsync(string callId, CancellationToken cancellationToken) => (await database.ReadAsync(connection =>
        connection.QuerySingleOrDefaultAsync<CaptureRow>($"SELECT {CaptureRow.Columns}, input, output FROM captures WHERE call_id = @callId", new { callId }), cancellationToken))?.ToCapture();

    /// <summary>Removes what is too old, too many or too large together.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var last = await database.ReadAsync(connection => connection.ExecuteScalarAsync<long?>("""
            SELECT MAX(position) FROM (
              SELECT position, began_at, ROW_NUMBER() OVER (ORDER BY position DESC) AS number, SUM(bytes) OVER (ORDER BY position DESC) AS total FROM captures) AS c
            WHERE began_at < @oldest OR number > @Most OR total > @bytes
            """, new { oldest = clock.GetUtcNow().AddDays(-options.Days).ToUnixTimeMilliseconds(), options.Most, bytes = options.Megabytes * 1_000_000L }), cancellationToken);
        var removed = 0;
        for (var chunk = Chunk; last is not null && chunk == Chunk; removed += chunk)
            chunk = await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync(
                "DELETE FROM captures WHERE position IN (SELECT position FROM captures WHERE position <= @last ORDER BY position LIMIT @Chunk)", new { last, Chunk }, transaction), cancellationToken);
        return removed;
    }
}
