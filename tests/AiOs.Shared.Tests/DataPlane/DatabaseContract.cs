using AiOs.DataPlane;
using Dapper;

namespace AiOs.Tests.DataPlane;

/// <summary>What every dialect promises.</summary>
public abstract class DatabaseContract
{
    static readonly Migration Counters = new(1, "CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL); INSERT INTO counters VALUES ('c', 0);");
    static readonly Migration Notes = new(2, "CREATE TABLE notes (id {identity}, text TEXT NOT NULL UNIQUE, data {bytes}, written_at BIGINT NOT NULL);");
    protected static readonly MigrationSet Tables = new("tests", Counters, Notes);

    protected abstract Task<TestDatabase> OpenAsync(params MigrationSet[] migrations);

    protected abstract Database Again(TestDatabase test, params MigrationSet[] migrations);

    [Fact]
    public async Task What_was_written_is_read_after_the_database_was_closed_and_opened_again()
    {
        await using var test = await OpenAsync(Tables);
        var id = await test.Database.WriteAsync((connection, transaction) => connection.ExecuteScalarAsync<long>(
            "INSERT INTO notes (text, data, written_at) VALUES (@text, @data, @at) RETURNING id", new { text = "ünï", data = new byte[] { 0, 255 }, at = 1_772_442_000_000 }, transaction), CancellationToken.None);
        await test.Database.DisposeAsync();

        await using var again = Again(test, Tables);
        await again.MigrateAsync(CancellationToken.None);
        var note = await again.ReadAsync(connection => connection.QuerySingleAsync<Note>("SELECT id, text, data, written_at FROM notes"), CancellationToken.None);
        Assert.Equal((id, "ünï", 1_772_442_000_000), (note.Id, note.Text, note.WrittenAt));
        Assert.Equal([0, 255], note.Data);
    }

    [Fact]
    public async Task A_failing_write_takes_back_its_own_changes_only_and_gets_its_own_exception()
    {
        await using var test = await OpenAsync(Tables);
        var writes = Enumerable.Range(0, 120).Select(i => test.Database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("INSERT INTO notes (text, written_at) VALUES (@text, 0)", new { text = $"note {i}" }, transaction);
            if (i % 3 == 1) throw new InvalidOperationException($"write {i}");
            if (i % 3 == 2) await connection.ExecuteAsync("INSERT INTO notes (text, written_at) VALUES (NULL, 0)", transaction: transaction);
            return i;
        }, CancellationToken.None)).ToArray();

        for (var i = 0; i < writes.Length; i++)
        {
            if (i % 3 == 0) Assert.Equal(i, await writes[i]);
            else if (i % 3 == 1) Assert.Equal($"write {i}", (await Assert.ThrowsAsync<InvalidOperationException>(() => writes[i])).Message);
            else await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => writes[i]);
        }
        Assert.Equal(40, await test.Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM notes"), CancellationToken.None));
    }

    [Fact]
    public async Task Reading_and_writing_back_in_one_write_never_loses_another_write()
    {
        await using var test = await OpenAsync(Tables);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => test.Database.WriteAsync(async (connection, transaction) =>
        {
            var value = await connection.ExecuteScalarAsync<long>("SELECT value FROM counters WHERE name = 'c'", transaction: transaction);
            await connection.ExecuteAsync("UPDATE counters SET value = @value WHERE name = 'c'", new { value = value + 1 }, transaction);
        }, CancellationToken.None)));
        Assert.Equal(40, await test.Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT value FROM counters"), CancellationToken.None));
    }

    [Fact]
    public async Task A_write_that_was_cancelled_before_it_started_never_runs()
    {
        await using var test = await OpenAsync(Tables);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var ran = false;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Database.WriteAsync((_, _) => Task.FromResult(ran = true), cancelled.Token));
        Assert.False(ran);
    }

    [Fact]
    public async Task A_write_that_calls_the_database_again_is_refused_and_does_not_hang()
    {
        await using var test = await OpenAsync(Tables);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.WriteAsync((_, _) => test.Database.WriteAsync((_, _) => Task.FromResult(1), CancellationToken.None), CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.WriteAsync((_, _) => test.Database.ReadAsync(_ => Task.FromResult(1), CancellationToken.None), CancellationToken.None));
        Assert.Equal(1, await test.Database.WriteAsync((_, _) => Task.FromResult(1), CancellationToken.None));
    }

    [Fact]
    public async Task Processes_that_start_together_apply_a_migration_once()
    {
        await using var test = await OpenAsync(new MigrationSet("tests", Counters));
        await using var second = Again(test, Tables);
        await using var third = Again(test, Tables);
        await Task.WhenAll(second.MigrateAsync(CancellationToken.None), third.MigrateAsync(CancellationToken.None));
        await second.MigrateAsync(CancellationToken.None);
        var applied = await second.ReadAsync(connection => connection.QueryAsync<(string, long)>("SELECT owner, number FROM schema_migrations ORDER BY number"), CancellationToken.None);
        Assert.Equal([("tests", 1L), ("tests", 2L)], applied);
    }

    [Fact]
    public async Task A_changed_migration_and_a_newer_database_are_refused_and_nothing_is_touched()
    {
        await using var test = await OpenAsync(Tables);
        var other = new MigrationSet("other", new Migration(1, "CREATE TABLE other (id {identity})"));

        await using var edited = Again(test, other, new MigrationSet("tests", new Migration(1, "CREATE TABLE counters (name TEXT)"), Notes));
        var changed = await Assert.ThrowsAsync<MigrationException>(() => edited.MigrateAsync(CancellationToken.None));
        Assert.Contains("Migration 1 of 'tests'", changed.Message, StringComparison.Ordinal);

        await using var older = Again(test, other, new MigrationSet("tests", Counters));
        var newer = await Assert.ThrowsAsync<MigrationException>(() => older.MigrateAsync(CancellationToken.None));
        Assert.Contains("newer version", newer.Message, StringComparison.Ordinal);

        await using var same = Again(test, Tables);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => same.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM other"), CancellationToken.None));
    }

    sealed class Note
    {
        public long Id { get; init; }
        public string Text { get; init; } = "";
        public byte[] Data { get; init; } = [];
        public long WrittenAt { get; init; }
    }
}
