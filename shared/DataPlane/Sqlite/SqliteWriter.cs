using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace AiOs.DataPlane.Sqlite;

/// <summary>The one writer of a SQLite file. Whatever has queued up while the last transaction was being made durable goes into the next one,
/// each work behind its own savepoint: many writes share one fsync, and one that fails takes only its own changes back.</summary>
sealed class SqliteWriter(Func<SqliteConnection> open) : IAsyncDisposable
{
    const int Queued = 1024;
    const int Batch = 256;
    const string Savepoint = "work";

    readonly Channel<PendingWrite> waiting = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(Queued) { SingleReader = true });
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int started;
    SqliteConnection? connection;

    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Start();
        var write = new PendingWrite<T>(work, cancellationToken);
        try
        {
            await waiting.Writer.WriteAsync(write, cancellationToken);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The database is closed.", closed);
        }
        return await write.Promise;
    }

    /// <summary>A thread of its own, because an fsync blocks for milliseconds and the pool has as many threads as cores.</summary>
    void Start()
    {
        if (Interlocked.Exchange(ref started, 1) == 1) return;
        using (ExecutionContext.SuppressFlow())
            new Thread(Loop) { IsBackground = true, Name = "AiOs database writer" }.Start();
    }

    void Loop()
    {
        var batch = new List<PendingWrite>(Batch);
        while (waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < Batch && waiting.Reader.TryRead(out var write))
                if (write.TryTake()) batch.Add(write);
            if (batch.Count > 0) Commit(batch);
            batch.Clear();
        }
        connection?.Dispose();
        ended.TrySetResult();
    }

    void Commit(List<PendingWrite> batch)
    {
        var failed = new List<(PendingWrite Write, Exception Why)>();
        try
        {
            connection ??= open();
            using var transaction = connection.BeginTransaction(deferred: false);
            foreach (var write in batch)
                if (Run(write, transaction) is { } why) failed.Add((write, why));
            transaction.Commit();
        }
        catch (Exception exception) when (batch.Count == 1)
        {
            Forget();
            batch[0].Fail(exception);
            return;
        }
        catch (Exception)
        {
            // The transaction as a whole broke (disk full, a work that ended it): each work gets its own, and the culprit its exception.
            Forget();
            foreach (var write in batch) Commit([write]);
            return;
        }
        foreach (var (write, why) in failed) write.Fail(why);
        foreach (var write in batch.Except(failed.Select(f => f.Write))) write.Succeed();
    }

    Exception? Run(PendingWrite write, SqliteTransaction transaction)
    {
        transaction.Save(Savepoint);
        try
        {
            write.RunAsync(connection!, transaction).GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            transaction.Rollback(Savepoint);
            transaction.Release(Savepoint);
            return exception;
        }
        transaction.Release(Savepoint);
        return null;
    }

    void Forget()
    {
        connection?.Dispose();
        connection = null;
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        if (Interlocked.Exchange(ref started, 1) == 1) await ended.Task;
    }
}
