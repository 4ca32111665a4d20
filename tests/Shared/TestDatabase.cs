using AiOs.DataPlane;
using AiOs.DataPlane.Postgres;

namespace AiOs.Testing;

/// <summary>A migrated database of its own for one test, on either dialect, with a data directory beside it; gone afterwards.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    TestDatabase(TemporaryFolder folder, Dialect dialect, string connectionString, MigrationSet[] migrations)
    {
        Folder = folder;
        ConnectionString = connectionString;
        Database = new Database(dialect, connectionString, migrations);   // its pauses between tries are real: on a test's own clock nobody would end them
    }

    /// <summary>The database.</summary>
    public Database Database { get; }

    /// <summary>For further <see cref="DataPlane.Database"/>s over the same tables.</summary>
    public string ConnectionString { get; }

    /// <summary>A data directory for what belongs beside the tables.</summary>
    public DataDirectory Data => new(Folder.Path);

    TemporaryFolder Folder { get; }

    /// <summary>A SQLite file.</summary>
    public static async Task<TestDatabase> SqliteAsync(params MigrationSet[] migrations)
    {
        var folder = new TemporaryFolder();
        return await MigratedAsync(new TestDatabase(folder, Dialect.Sqlite, DataPlaneSetup.SqliteFile(folder.File("test.db")), migrations));
    }

    /// <summary>A PostgreSQL database; skips the test where there is no server to be had.</summary>
    public static async Task<TestDatabase> PostgresAsync(PostgresServer server, params MigrationSet[] migrations)
    {
        var url = await server.CreateDatabaseAsync();
        return await MigratedAsync(new TestDatabase(new TemporaryFolder(), Dialect.Postgres, PostgresUrl.ToConnectionString(url), migrations));
    }

    static async Task<TestDatabase> MigratedAsync(TestDatabase test)
    {
        await test.Database.MigrateAsync(CancellationToken.None);
        return test;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Folder.Dispose();
    }
}
