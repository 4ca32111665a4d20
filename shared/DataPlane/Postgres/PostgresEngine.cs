using System.Data;
using System.Data.Common;
using Npgsql;

namespace AiOs.DataPlane.Postgres;

/// <summary>The database cannot be reached. The message names host, port, database and user, never the password.</summary>
public sealed class DatabaseUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>PostgreSQL through a pool of connections. Transactions that lost against another one (serialization failure, deadlock) start over.</summary>
sealed class PostgresEngine : IDatabaseEngine
{
    const int Writers = 16;
    const int Attempts = 12;
    const long MigrationLock = 0x41694F73_6D696772;   // "AiOsmigr": one advisory lock for all processes that migrate this database
    static readonly TimeSpan[] ConnectPauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(1.5)];

    readonly NpgsqlDataSource source;
    readonly string name;
    readonly TimeProvider time;
    readonly SemaphoreSlim places = new(Writers, Writers);

    public PostgresEngine(string connectionString, TimeProvider time)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { IncludeErrorDetail = false, PersistSecurityInfo = false };
        if (string.IsNullOrEmpty(builder.ApplicationName)) builder.ApplicationName = "aios";
        name = $"{builder.Host}:{builder.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)}/{builder.Database} as {builder.Username}";
        source = NpgsqlDataSource.Create(builder);
        this.time = time;
    }

    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await OpenAsync(cancellationToken);
                return await work(connection);
            }
            catch (NpgsqlException broken) when (broken.IsTransient && attempt <= ConnectPauses.Length)
            {
                await Task.Delay(ConnectPauses[attempt - 1], time, cancellationToken);   // the server went away under a pooled connection
            }
        }
    }

    public async Task<T> WriteAsync<T>(IsolationLevel isolation, Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var committing = false;
                try
                {
                    await using var connection = await OpenAsync(cancellationToken);
                    await using var transaction = await connection.BeginTransactionAsync(isolation, cancellationToken);
                    var result = await work(connection, transaction);
                    committing = true;
                    await transaction.CommitAsync(CancellationToken.None);
                    return result;
                }
                catch (PostgresException lost) when (attempt < Attempts && lost.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected)
                {
                    // Full jitter, doubling from 2 ms: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
                    var ceiling = Math.Min(200, 2 << Math.Min(attempt, 7));
                    await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, ceiling)), time, cancellationToken);
                }
                catch (NpgsqlException broken) when (broken.IsTransient && !committing && attempt <= ConnectPauses.Length)
                {
                    // Before the commit nothing has happened; once it was sent, only the caller can know what to do.
                    await Task.Delay(ConnectPauses[attempt - 1], time, cancellationToken);
                }
            }
        }
        finally
        {
            places.Release();
        }
    }

    public Task MigrateAsync(Func<DbConnection, DbTransaction, long, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>   // so that what others did while we waited for the lock is seen
        {
            await using (var command = connection.CreateCommand())
            {
                command.Transaction = transaction;
                command.CommandText = $"SELECT pg_advisory_xact_lock({MigrationLock.ToString(System.Globalization.CultureInfo.InvariantCulture)})";
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            await work(connection, transaction, time.GetUtcNow().ToUnixTimeMilliseconds());
            return 0;
        }, cancellationToken);

    async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await source.OpenConnectionAsync(cancellationToken);
            }
            catch (NpgsqlException exception) when (exception is not PostgresException { SqlState: not (PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections) })
            {
                if (attempt == ConnectPauses.Length)
                    throw new DatabaseUnavailableException($"PostgreSQL at {name} cannot be reached: {exception.Message} Check AIOS_DATABASE and that the server runs.", exception);
            }
            catch (PostgresException exception)
            {
                throw new DatabaseUnavailableException($"PostgreSQL at {name} refuses the connection: {exception.MessageText}.", exception);
            }
            await Task.Delay(ConnectPauses[attempt], time, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        places.Dispose();
    }
}
