using System.Data;
using System.Data.Common;
using Dapper;

namespace AiOs.DataPlane;

/// <summary>The OS's tables, on SQLite or PostgreSQL. Reads run side by side; a write is one transaction, serializable against all others and durable
/// when the call returns.</summary>
public sealed class Database : IAsyncDisposable
{
    readonly IDatabaseEngine engine;
    readonly IReadOnlyList<MigrationSet> migrations;
    readonly AsyncLocal<bool> writing = new();

    static Database() => DefaultTypeMap.MatchNamesWithUnderscores = true;   // created_at -> CreatedAt

    /// <summary>Opens nothing yet. Of several <paramref name="migrations"/> with one owner, only one may exist.</summary>
    public Database(Dialect dialect, string connectionString, IEnumerable<MigrationSet> migrations, TimeProvider? time = null)
    {
        Dialect = dialect;
        this.migrations = [.. migrations];
        time ??= TimeProvider.System;
        engine = dialect == Dialect.Sqlite ? new Sqlite.SqliteEngine(connectionString, time) : new Postgres.PostgresEngine(connectionString, time);
    }

    /// <summary>Which dialect the SQL meets.</summary>
    public Dialect Dialect { get; }

    /// <summary>Brings every owner's tables up to date: each migration is applied once, also when several processes start together.</summary>
    /// <exception cref="MigrationException">An applied migration was changed since, or the database is ahead of this program.</exception>
    public Task MigrateAsync(CancellationToken cancellationToken) =>
        engine.MigrateAsync((connection, transaction, now) => new Migrations(Dialect, migrations).ApplyAsync(connection, transaction, now, cancellationToken), cancellationToken);

    /// <summary>Runs <paramref name="work"/> on an open connection, outside a transaction. On SQLite the connection refuses to write.</summary>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        RefuseNesting();
        return engine.ReadAsync(work, cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/> in one transaction and commits it; an exception rolls back all that the work did, and comes out here.
    /// The work may run more than once, so it must not do anything but use its connection; it must not call the database again.</summary>
    public Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken) =>
        WriteAsync(IsolationLevel.Serializable, work, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}(Func{DbConnection, DbTransaction, Task{T}}, CancellationToken)"/>
    public Task WriteAsync(Func<DbConnection, DbTransaction, Task> work, CancellationToken cancellationToken) => WriteAsync(async (connection, transaction) =>
    {
        await work(connection, transaction);
        return 0;
    }, cancellationToken);

    /// <summary>As the others, with a weaker <paramref name="isolation"/> for work whose every statement is atomic by itself:
    /// on PostgreSQL it then waits for a busy row instead of starting over. SQLite has one writer and is always serializable.</summary>
    public Task<T> WriteAsync<T>(IsolationLevel isolation, Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        RefuseNesting();
        return engine.WriteAsync(isolation, async (connection, transaction) =>
        {
            writing.Value = true;
            return await work(connection, transaction);
        }, cancellationToken);
    }

    void RefuseNesting()
    {
        if (writing.Value) throw new InvalidOperationException("A write called the database again: it would wait for itself, or see another state than its own. Use the connection it was given.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => engine.DisposeAsync();
}
