using AiOs.DataPlane;
using Dapper;

namespace AiOs.Tests.DataPlane;

public sealed class SqliteDatabaseTests : DatabaseContract
{
    protected override Task<TestDatabase> OpenAsync(params MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);

    protected override Database Again(TestDatabase test, params MigrationSet[] migrations) => new(Dialect.Sqlite, test.ConnectionString, migrations);

    [Fact]
    public async Task The_writer_is_durable_and_readers_cannot_write()
    {
        await using var test = await OpenAsync(Tables);
        var (journal, synchronous, foreignKeys) = await test.Database.WriteAsync(async (connection, transaction) => (
            await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode", transaction: transaction),
            await connection.ExecuteScalarAsync<long>("PRAGMA synchronous", transaction: transaction),
            await connection.ExecuteScalarAsync<long>("PRAGMA foreign_keys", transaction: transaction)), CancellationToken.None);
        Assert.Equal(("wal", 2L, 1L), (journal, synchronous, foreignKeys));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => test.Database.ReadAsync(connection => connection.ExecuteAsync("DELETE FROM counters"), CancellationToken.None));
    }

    [Fact]
    public async Task A_write_that_breaks_the_shared_transaction_breaks_no_other_write()
    {
        await using var test = await OpenAsync(Tables);
        var writes = Enumerable.Range(0, 60).Select(i => test.Database.WriteAsync(async (connection, transaction) =>
        {
            if (i % 20 == 7) await connection.ExecuteAsync("ROLLBACK", transaction: transaction);
            await connection.ExecuteAsync("INSERT INTO notes (text, written_at) VALUES (@text, 0)", new { text = $"note {i}" }, transaction);
            return i;
        }, CancellationToken.None)).ToArray();
        for (var i = 0; i < writes.Length; i++)
        {
            if (i % 20 == 7) await Assert.ThrowsAnyAsync<Exception>(() => writes[i]);
            else Assert.Equal(i, await writes[i]);
        }
        var texts = (await test.Database.ReadAsync(connection => connection.QueryAsync<string>("SELECT text FROM notes"), CancellationToken.None)).AsList();
        Assert.Equal(57, texts.Count);
        Assert.DoesNotContain("note 27", texts);
    }

    [Fact]
    public async Task Nobody_but_the_owner_can_open_the_files()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var test = await OpenAsync(Tables);
        foreach (var file in Directory.GetFiles(test.Data.Path)) Assert.False(OwnerOnly.IsOpenToOthers(file), file);
        Assert.NotEmpty(Directory.GetFiles(test.Data.Path, "*-wal"));
    }
}
