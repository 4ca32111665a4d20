using System.Data;
using System.Data.Common;

namespace AiOs.DataPlane;

/// <summary>What differs between the databases: how connections are had, how writes are ordered and made durable.</summary>
interface IDatabaseEngine : IAsyncDisposable
{
    Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken);

    Task<T> WriteAsync<T>(IsolationLevel isolation, Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="work"/> in one transaction while no other process migrates; the long is the time in Unix milliseconds.</summary>
    Task MigrateAsync(Func<DbConnection, DbTransaction, long, Task> work, CancellationToken cancellationToken);
}
