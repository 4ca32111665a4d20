using System.Data.Common;

namespace AiOs.DataPlane.Sqlite;

/// <summary>One write in the queue of the writer, with its promise.</summary>
abstract class PendingWrite
{
    int state;   // 0 waiting, 1 taken by the writer, 2 given up by the caller

    /// <summary>True for the writer, once, unless the caller gave up before.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref state, 1, 0) == 0;

    protected bool TryGiveUp() => Interlocked.CompareExchange(ref state, 2, 0) == 0;

    public abstract Task RunAsync(DbConnection connection, DbTransaction transaction);

    /// <summary>Keeps the promise with the result of the last run; call after the commit.</summary>
    public abstract void Succeed();

    public abstract void Fail(Exception exception);
}

sealed class PendingWrite<T> : PendingWrite
{
    readonly Func<DbConnection, DbTransaction, Task<T>> work;
    readonly TaskCompletionSource<T> promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenRegistration cancellation;
    T? result;

    public PendingWrite(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        this.work = work;
        cancellation = cancellationToken.UnsafeRegister(static (self, token) =>
        {
            var write = (PendingWrite<T>)self!;
            if (write.TryGiveUp()) write.promise.TrySetCanceled(token);
        }, this);
    }

    public Task<T> Promise => promise.Task;

    public override async Task RunAsync(DbConnection connection, DbTransaction transaction) => result = await work(connection, transaction);

    public override void Succeed()
    {
        cancellation.Unregister();
        promise.TrySetResult(result!);
    }

    public override void Fail(Exception exception)
    {
        cancellation.Unregister();
        promise.TrySetException(exception);
    }
}
