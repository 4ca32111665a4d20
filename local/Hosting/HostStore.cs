using AiOs.DataPlane;
using Dapper;

namespace AiOs.Local.Hosting;

/// <summary>What the host itself has to remember, in <c>host.db</c> of the data directory: when timers ran, and why messages became poison.</summary>
sealed class HostStore(string path, TimeProvider time) : IAsyncDisposable
{
    static readonly MigrationSet tables = new("host", new Migration(1, """
        CREATE TABLE timers (
            function TEXT NOT NULL PRIMARY KEY,
            last_at BIGINT NOT NULL,
            next_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL);
        CREATE TABLE poison (
            number {identity},
            queue TEXT NOT NULL,
            message_id TEXT NOT NULL,
            original_id TEXT NOT NULL,
            function TEXT NOT NULL,
            deliveries BIGINT NOT NULL,
            reason TEXT NOT NULL,
            poisoned_at BIGINT NOT NULL);
        CREATE INDEX poison_by_queue ON poison (queue, number);
        """));

    readonly Database database = new(Dialect.Sqlite, DataPlaneSetup.SqliteFile(path), [tables], time);

    public Task OpenAsync(CancellationToken cancellationToken) => database.MigrateAsync(cancellationToken);

    /// <summary>When a timer last ran and was next to run; null when it never ran.</summary>
    public Task<TimerRow?> TimerAsync(string function, CancellationToken cancellationToken) => database.ReadAsync(connection =>
        connection.QuerySingleOrDefaultAsync<TimerRow>("SELECT last_at, next_at, updated_at FROM timers WHERE function = @function", new { function }), cancellationToken);

    public Task SaveTimerAsync(string function, DateTimeOffset last, DateTimeOffset next, CancellationToken cancellationToken) => database.WriteAsync((connection, transaction) =>
        connection.ExecuteAsync("""
            INSERT INTO timers (function, last_at, next_at, updated_at) VALUES (@function, @last, @next, @now)
            ON CONFLICT (function) DO UPDATE SET last_at = excluded.last_at, next_at = excluded.next_at, updated_at = excluded.updated_at
            """, new { function, last = last.ToUnixTimeMilliseconds(), next = next.ToUnixTimeMilliseconds(), now = Now() }, transaction), cancellationToken);

    public Task SavePoisonAsync(PoisonedMessage message, CancellationToken cancellationToken) => database.WriteAsync((connection, transaction) =>
        connection.ExecuteAsync("""
            INSERT INTO poison (queue, message_id, original_id, function, deliveries, reason, poisoned_at)
            VALUES (@Queue, @MessageId, @OriginalId, @Function, @Deliveries, @Reason, @now)
            """, new { message.Queue, message.MessageId, message.OriginalId, message.Function, message.Deliveries, message.Reason, now = Now() }, transaction), cancellationToken);

    public Task<IReadOnlyList<PoisonedMessage>> PoisonAsync(string queue, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<PoisonedMessage>>(async connection =>
        [.. (await connection.QueryAsync<PoisonRow>("SELECT queue, message_id, original_id, function, deliveries, reason, poisoned_at FROM poison WHERE queue = @queue ORDER BY number",
            new { queue })).Select(r => new PoisonedMessage(r.Queue, r.MessageId, r.OriginalId, r.Function, r.Deliveries, r.Reason, DateTimeOffset.FromUnixTimeMilliseconds(r.PoisonedAt)))],
        cancellationToken);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    internal sealed class TimerRow
    {
        public long LastAt { get; init; }

        public long NextAt { get; init; }

        public long UpdatedAt { get; init; }
    }

    sealed class PoisonRow
    {
        public string Queue { get; init; } = "";

        public string MessageId { get; init; } = "";

        public string OriginalId { get; init; } = "";

        public string Function { get; init; } = "";

        public long Deliveries { get; init; }

        public string Reason { get; init; } = "";

        public long PoisonedAt { get; init; }
    }
}

/// <summary>A message that was put into a poison queue.</summary>
/// <param name="Queue">The poison queue.</param>
/// <param name="MessageId">Its id there.</param>
/// <param name="OriginalId">Its id in the queue it came from.</param>
/// <param name="Function">The function that could not work it off.</param>
/// <param name="Deliveries">How often it was tried.</param>
/// <param name="Reason">Type and message of the last failure.</param>
/// <param name="PoisonedAt">When.</param>
public sealed record PoisonedMessage(string Queue, string MessageId, string OriginalId, string Function, long Deliveries, string Reason, DateTimeOffset PoisonedAt);
