using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Durable.Storage;

/// <summary>
/// The one way to write: takes every change that waits as one group to <see cref="GroupWriter"/>. While one sync runs the next changes gather, so the harder the load the larger the groups.
/// A change that comes alone is written on its caller's thread, which saves it two changes of thread.
/// </summary>
sealed class CommitLoop : IAsyncDisposable
{
    const int LargestGroup = 1024;

    /// <summary>So many changes in a row that came alone are a calm.</summary>
    const int Calm = 16;

    readonly Channel<IWrite> queue = Channel.CreateBounded<IWrite>(new BoundedChannelOptions(4 * LargestGroup) { SingleReader = true, AllowSynchronousContinuations = true });
    readonly ManualResetEventSlim arrived = new(initialState: false, spinCount: 0);
    readonly ManualResetEventSlim stop = new();

    /// <summary>Held by whoever makes changes.</summary>
    readonly Lock owner = new();
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly GroupWriter groups;
    readonly ILogger log;
    volatile Exception? fault;
    volatile bool closing;
    int alone;
    bool gone;

    public CommitLoop(Sqlite database, RedoLog? redo, ILogger log)
    {
        this.log = log;
        groups = new(database, redo, abandoned: stop, behind: arrived.Set, log);
        new Thread(Run) { IsBackground = true, Name = "durable commits" }.Start();
    }

    /// <summary>A key for an instance that will be written.</summary>
    public long NewInstanceKey() => groups.Tables.NextKey(entity: false);

    /// <summary>Completes when the loop has ended: with the reason when it could not go on.</summary>
    public Task Ended => ended.Task;

    /// <summary>Changes and transactions so far.</summary>
    public EngineCounts Counts => groups.Counts;

    /// <summary>Whether something is written that readers of the file do not see: see <see cref="IWrite.Settles"/>.</summary>
    public bool IsAhead => groups.IsAhead;

    /// <summary>Hands a change in; waits while too many are waiting.</summary>
    public ValueTask PostAsync(IWrite write, CancellationToken cancellationToken = default)
    {
        if (TryCommitHere(write) || queue.Writer.TryWrite(write))
            return ValueTask.CompletedTask;
        return WaitAndPostAsync(write, cancellationToken);
    }

    /// <summary>
    /// Writes a change on the caller's thread while changes come one at a time; when it cannot be written now the loop takes it over and
    /// says what is wrong. Under load this would cost the pool a thread for every fsync and gain nothing.
    /// </summary>
    bool TryCommitHere(IWrite write)
    {
        if (Volatile.Read(ref alone) < Calm || closing || owner.IsHeldByCurrentThread || !owner.TryEnter())
            return false;
        try
        {
            if (gone || stop.IsSet || queue.Reader.TryPeek(out _) || !groups.TryWriteAlone(write))
                return false;
            if (queue.Reader.TryPeek(out _))
                alone = 0;
            groups.Tell([write]);
            return true;
        }
        finally
        {
            owner.Exit();
        }
    }

    async ValueTask WaitAndPostAsync(IWrite write, CancellationToken cancellationToken)
    {
        try
        {
            await queue.Writer.WriteAsync(write, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            write.Failed(fault ?? new ObjectDisposedException(nameof(DurableEngine), "The durable engine is stopped."));
        }
    }

    /// <summary>Runs <paramref name="apply"/> in the next transaction; completes when it is on disk.</summary>
    public Task<T> RequestAsync<T>(Func<Tables, T> apply, Action<T>? then, CancellationToken cancellationToken) =>
        RequestAsync(new Request<T>(apply, then), cancellationToken);

    /// <summary>Runs <paramref name="read"/>, which changes nothing, where it sees all that is written.</summary>
    public Task<T> LookAsync<T>(Func<Tables, T> read, CancellationToken cancellationToken) =>
        RequestAsync(new Request<T>(read) { Reads = true }, cancellationToken);

    /// <summary>Returns when readers of the file see everything that was written before.</summary>
    public Task SettleAsync(CancellationToken cancellationToken) => RequestAsync(new Request<int>(_ => 0) { Settles = true }, cancellationToken);

    async Task<T> RequestAsync<T>(Request<T> request, CancellationToken cancellationToken)
    {
        await PostAsync(request, cancellationToken);
        return await request.Answer.WaitAsync(cancellationToken);
    }

    void Run()
    {
        var group = new List<IWrite>(LargestGroup);
        try
        {
            while (!stop.IsSet && WaitForChanges())
                lock (owner)
                {
                    Fill(group);
                    alone = group.Count == 1 ? alone + 1 : 0;
                    groups.Commit(group, more: Fill);
                    group.Clear();
                    groups.SettleUnderLoad();
                }
            lock (owner)
                if (!stop.IsSet)
                    groups.Settle();
        }
        catch (Exception failure)
        {
            fault = failure;
            if (!stop.IsSet)
                log.EngineFaulted(failure);
        }
        lock (owner)
            gone = true;
        queue.Writer.TryComplete(fault);
        var reason = fault ?? new ObjectDisposedException(nameof(DurableEngine), "The durable engine is stopped.");
        foreach (var write in group)
            write.Failed(reason);
        while (queue.Reader.TryRead(out var write))
            write.Failed(reason);
        if (fault is null)
            ended.TrySetResult();
        else
            ended.TrySetException(fault);
    }

    /// <summary>False when there will be none. This thread is ours alone: to block it is the point, so that a sync under load never costs the thread pool a thread.</summary>
    bool WaitForChanges()
    {
        var waiting = queue.Reader.WaitToReadAsync().GetAwaiter();
        if (waiting.IsCompleted)
            return waiting.GetResult();
        arrived.Reset();
        waiting.UnsafeOnCompleted(arrived.Set);
        while (!waiting.IsCompleted)
        {
            arrived.Wait(groups.Patience);
            if (waiting.IsCompleted)
                break;

            // It was the time, or one who wrote on its own thread and leaves the rest to us.
            arrived.Reset();
            if (!waiting.IsCompleted)
            {
                groups.CatchUp();
                lock (owner)
                    groups.SettleWhenDue();
            }
        }
        return waiting.GetResult();
    }

    void Fill(List<IWrite> group)
    {
        while (group.Count < LargestGroup && queue.Reader.TryRead(out var write))
            group.Add(write);
    }

    /// <summary>Writes what waits, then ends. What cannot be written now is left for the next start: a stop does not wait for a disk to be freed.</summary>
    public async ValueTask DisposeAsync()
    {
        closing = true;
        groups.Close();
        queue.Writer.TryComplete();
        await ended.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        arrived.Dispose();
    }

    /// <summary>Ends at once: what is not on disk is lost, as when the process is killed.</summary>
    public async Task AbandonAsync()
    {
        stop.Set();
        queue.Writer.TryComplete();
        await ended.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
