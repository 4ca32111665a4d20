using System.Data;
using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace AiOs.DataPlane.Queues;

/// <summary><see cref="IQueue"/> in one table of the <see cref="Database"/>.</summary>
public sealed class DatabaseQueue(Database database, TimeProvider time) : IQueue
{
    /// <summary>The largest body, in bytes of UTF-8: what Azure's queues carry.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    readonly QueueSignals signals = new();

    /// <inheritdoc/>
    public async Task<string> SendAsync(string queue, string body, TimeSpan? delay, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentNullException.ThrowIfNull(body);
        if (Encoding.UTF8.GetByteCount(body) > MaxBodyBytes) throw new ArgumentException($"A queue message carries at most {MaxBodyBytes} bytes of UTF-8.", nameof(body));
        if (delay < TimeSpan.Zero) throw new ArgumentException("A message cannot become visible before it is sent.", nameof(delay));
        var id = NewId();
        await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            return connection.ExecuteAsync("""
                INSERT INTO queue_messages (queue, id, body, pop_receipt, dequeue_count, inserted_at, visible_at)
                VALUES (@queue, @id, @body, '', 0, @now, @visibleAt)
                """, new { queue, id, body, now, visibleAt = now + Milliseconds(delay ?? TimeSpan.Zero) }, transaction);
        }, cancellationToken);
        signals.Raise(queue);
        return id;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(visibility, TimeSpan.Zero);
        if (await NextVisibleAsync(queue, cancellationToken) is not { } next || next > Now()) return [];
        var receipt = NewId();
        return await database.WriteAsync<IReadOnlyList<QueueMessage>>(IsolationLevel.ReadCommitted, async (connection, transaction) =>
        {
            var now = Now();
            var until = now + Milliseconds(visibility);
            var rows = (await connection.QueryAsync<Row>($"""
                SELECT number, queue, id, body, dequeue_count, inserted_at FROM queue_messages
                WHERE queue = @queue AND visible_at <= @now ORDER BY visible_at, number LIMIT @max {(database.Dialect == Dialect.Postgres ? "FOR UPDATE SKIP LOCKED" : "")}
                """, new { queue, now, max }, transaction)).AsList();
            foreach (var row in rows)
                await connection.ExecuteAsync("""
                    UPDATE queue_messages SET pop_receipt = @receipt, dequeue_count = dequeue_count + 1, visible_at = @until WHERE number = @Number
                    """, new { receipt, until, row.Number }, transaction);
            return [.. rows.Select(row => row.ToMessage(receipt, row.DequeueCount + 1, until))];
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<string?> RenewAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(visibility, TimeSpan.Zero);
        var receipt = NewId();
        var renewed = await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync("""
            UPDATE queue_messages SET pop_receipt = @receipt, visible_at = @until WHERE id = @Id AND queue = @Queue AND pop_receipt = @PopReceipt
            """, new { receipt, until = Now() + Milliseconds(visibility), message.Id, message.Queue, message.PopReceipt }, transaction), cancellationToken);
        if (renewed == 0) return null;
        signals.Raise(message.Queue);
        return receipt;
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(QueueMessage message, CancellationToken cancellationToken) =>
        await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync(
            "DELETE FROM queue_messages WHERE id = @Id AND queue = @Queue AND pop_receipt = @PopReceipt AND pop_receipt <> ''",
            new { message.Id, message.Queue, message.PopReceipt }, transaction), cancellationToken) == 1;

    /// <inheritdoc/>
    public Task<IReadOnlyList<QueueMessage>> PeekAsync(string queue, int max, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<QueueMessage>>(async connection => [.. (await connection.QueryAsync<Row>("""
            SELECT number, queue, id, body, dequeue_count, inserted_at, visible_at FROM queue_messages
            WHERE queue = @queue AND visible_at <= @now ORDER BY visible_at, number LIMIT @max
            """, new { queue, now = Now(), max })).Select(row => row.ToMessage("", row.DequeueCount, row.VisibleAt))], cancellationToken);

    /// <inheritdoc/>
    public Task<long> CountAsync(string queue, CancellationToken cancellationToken) => database.ReadAsync(connection =>
        connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM queue_messages WHERE queue = @queue", new { queue }), cancellationToken);

    /// <summary>Returns when <paramref name="queue"/> may have something to receive: at once if it has, when this process sends or gives back a
    /// message, when a hidden one becomes visible, and at the latest after <paramref name="atMost"/> (another process may have sent).</summary>
    public async Task WaitAsync(string queue, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var signal = signals.Next(queue);
        var untilNext = await NextVisibleAsync(queue, cancellationToken) is { } next ? TimeSpan.FromMilliseconds(Math.Max(0, next - Now())) : atMost;
        var wait = untilNext < atMost ? untilNext : atMost;
        if (wait <= TimeSpan.Zero) return;
        try
        {
            await signal.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The time has come: the caller looks again.
        }
    }

    Task<long?> NextVisibleAsync(string queue, CancellationToken cancellationToken) => database.ReadAsync(connection =>
        connection.ExecuteScalarAsync<long?>("SELECT MIN(visible_at) FROM queue_messages WHERE queue = @queue", new { queue }), cancellationToken);

    long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    static long Milliseconds(TimeSpan span) => (long)Math.Ceiling(span.TotalMilliseconds);

    static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    sealed class Row
    {
        public long Number { get; init; }
        public string Queue { get; init; } = "";
        public string Id { get; init; } = "";
        public string Body { get; init; } = "";
        public long DequeueCount { get; init; }
        public long InsertedAt { get; init; }
        public long VisibleAt { get; init; }

        public QueueMessage ToMessage(string receipt, long dequeueCount, long visibleAt) => new(
            Queue, Id, receipt, Body, dequeueCount, DateTimeOffset.FromUnixTimeMilliseconds(InsertedAt), DateTimeOffset.FromUnixTimeMilliseconds(visibleAt));
    }
}
