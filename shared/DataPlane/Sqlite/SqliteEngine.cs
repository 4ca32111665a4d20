using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace AiOs.DataPlane.Sqlite;

/// <summary>One SQLite file in WAL mode: readers see the last commit and never wait for the writer.</summary>
sealed class SqliteEngine : IDatabaseEngine
{
    const int Readers = 8;
    const int BusySeconds = 30;

    readonly string connectionString;
    readonly TimeProvider time;
    readonly SqliteWriter writer;
    readonly SemaphoreSlim places = new(Readers, Readers);
    readonly ConcurrentBag<SqliteConnection> idle = [];
    volatile bool disposed;

    public SqliteEngine(string connectionString, TimeProvider time)
    {
        this.connectionString = new SqliteConnectionStringBuilder(connectionString) { Pooling = false, ForeignKeys = true, DefaultTimeout = BusySeconds }.ToString();
        this.time = time;
        writer = new SqliteWriter(() => Open("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"));
    }

    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, typeof(Database));
        await places.WaitAsync(cancellationToken);
        SqliteConnection? connection = null;
        try
        {
            if (!idle.TryTake(out connection)) connection = Open("PRAGMA query_only = ON;");
            var result = await work(connection);
            idle.Add(connection);
            connection = null;
            return result;
        }
        finally
        {
            connection?.Dispose();   // after a failure nobody knows in which state it is
            places.Release();
        }
    }

    public Task<T> WriteAsync<T>(IsolationLevel isolation, Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken) =>
        writer.WriteAsync(work, cancellationToken);

    public Task MigrateAsync(Func<DbConnection, DbTransaction, long, Task> work, CancellationToken cancellationToken) => writer.WriteAsync(async (connection, transaction) =>
    {
        await work(connection, transaction, time.GetUtcNow().ToUnixTimeMilliseconds());
        return 0;
    }, cancellationToken);

    SqliteConnection Open(string pragmas)
    {
        var connection = new SqliteConnection(connectionString);
        OwnerOnly.CreateFile(connection.DataSource);   // SQLite gives the WAL and its index the mode of the file
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout = {BusySeconds}000; {pragmas}";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        for (var i = 0; i < Readers; i++) await places.WaitAsync();
        while (idle.TryTake(out var connection)) await connection.DisposeAsync();
        await writer.DisposeAsync();   // last: it folds the WAL into the file
        places.Dispose();
    }
}
