using Dapper;

namespace AiOs.ControlPlane.Runs;

public sealed partial class Runs
{
    long openAfter;

    /// <summary>A page of the runs that began more than <paramref name="olderThan"/> ago and have not ended. Each call goes on after the page before, and after the last page from the start,
    /// so that many runs that wait for people do not hide the others.</summary>
    /// <param name="olderThan">Younger ones are left alone.</param>
    /// <param name="top">The size of the page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<RunRow>> StartedButNotEndedAsync(TimeSpan olderThan, int top, CancellationToken cancellationToken)
    {
        var (before, after) = (RunRecord.Milliseconds(clock.GetUtcNow() - olderThan), Interlocked.Read(ref openAfter));
        var sql = $"SELECT {RunRecord.Columns} FROM runs WHERE status IN ('running', 'waiting') AND ended_at IS NULL AND started_at <= @before AND position > @after ORDER BY position LIMIT @top";
        var records = (await database.ReadAsync(connection => connection.QueryAsync<RunRecord>(sql, new { before, after, top }), cancellationToken)).AsList();
        Interlocked.Exchange(ref openAfter, records.Count < top ? 0 : records[^1].Position);
        return [.. records.Select(record => record.ToRow())];
    }
}
