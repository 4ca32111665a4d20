using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AiOs.DataPlane;

/// <summary>The OS's tables, on SQLite or PostgreSQL. Reads run side by side; a write is one transaction, durable when the call returns.</summary>
public sealed class Database(Dialect dialect, string connectionString, IEnumerable<MigrationSet> migrations) : IAsyncDisposable
{
    readonly SemaphoreSlim writer = new(1, 1);

    /// <summary>Which dialect the SQL meets.</summary>
    public Dialect Dialect => dialect;

    /// <summary>Brings every owner's tables up to date; each migration is applied once.</summary>
    public Task MigrateAsync(CancellationToken cancellationToken) => WriteAsync(async (connection, transaction) =>
    {
        foreach (var set in migrations)
            foreach (var migration in set.Migrations)
            {
                var command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandText = Text(migration);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
    }, cancellationToken);

    string Text(Migration migration) => dialect == Dialect.Sqlite
        ? migration.Sql.Replace("{identity}", "INTEGER PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal).Replace("{bytes}", "BLOB", StringComparison.Ordinal)
        : (migration.Postgres ?? migration.Sql).Replace("{identity}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", StringComparison.Ordinal).Replace("{bytes}", "BYTEA", StringComparison.Ordinal);

    /// <summary>Runs <paramref name="work"/> on an open connection, outside a transaction.</summary>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await work(connection);
    }

    /// <summary>Runs <paramref name="work"/> in one transaction and commits it; an exception rolls everything back. The work may run more than once.</summary>
    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        await writer.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var result = await work(connection, transaction);
            await transaction.CommitAsync(cancellationToken);
            return result;
        }
        finally
        {
            writer.Release();
        }
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<DbConnection, DbTransaction, Task> work, CancellationToken cancellationToken) => WriteAsync(async (connection, transaction) =>
    {
        await work(connection, transaction);
        return 0;
    }, cancellationToken);

    async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        DbConnection connection = dialect == Dialect.Sqlite ? new SqliteConnection(connectionString) : new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        writer.Dispose();
        return ValueTask.CompletedTask;
    }
}
