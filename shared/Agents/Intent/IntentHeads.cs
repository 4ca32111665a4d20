using AiOs.DataPlane;
using Dapper;

namespace AiOs.Agents.Intent;

/// <summary>Which training set was trained to which head, so that deploying the same intents again trains nothing.</summary>
sealed class IntentHeads(Database database)
{
    /// <summary>The one table of the intent agent.</summary>
    public static MigrationSet Migrations { get; } = new("intent", new Migration(1, """
        CREATE TABLE intent_heads (
            data_hash TEXT PRIMARY KEY,
            head_ref TEXT NOT NULL,
            intents BIGINT NOT NULL,
            examples BIGINT NOT NULL,
            accuracy DOUBLE PRECISION NOT NULL
        );
        """));

    sealed class Row
    {
        public required string HeadRef { get; init; }
        public required long Intents { get; init; }
        public required long Examples { get; init; }
        public required double Accuracy { get; init; }
    }

    /// <summary>The head that was trained from the set with this hash, or null.</summary>
    public async Task<IntentHead?> FindAsync(string dataHash, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT head_ref, intents, examples, accuracy FROM intent_heads WHERE data_hash = @dataHash", new { dataHash }, cancellationToken: cancellationToken)), cancellationToken);
        return row is null ? null : new(row.HeadRef, (int)row.Intents, (int)row.Examples, row.Accuracy, FromCache: true);
    }

    /// <summary>Remembers <paramref name="head"/>; the last one for a hash counts.</summary>
    public Task SaveAsync(string dataHash, IntentHead head, CancellationToken cancellationToken) => database.WriteAsync(async (connection, transaction) =>
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO intent_heads (data_hash, head_ref, intents, examples, accuracy) VALUES (@dataHash, @Ref, @intents, @examples, @Accuracy)
            ON CONFLICT (data_hash) DO UPDATE SET head_ref = excluded.head_ref, intents = excluded.intents, examples = excluded.examples, accuracy = excluded.accuracy
            """, new { dataHash, head.Ref, intents = (long)head.Intents, examples = (long)head.Examples, head.Accuracy }, transaction, cancellationToken: cancellationToken)), cancellationToken);
}
