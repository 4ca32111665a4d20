using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Durable.Storage;

/// <summary>
/// The one owner of the writing connection: takes every change that waits, writes them as one group, makes it durable with one
/// sync, then begins their effects. While one sync runs the next changes gather, so the harder the load the larger the groups.
/// A change that comes alone is written on its caller's thread, which saves it two changes of thread.
/// </summary>
sealed class CommitLoop : IAsyncDisposable
{
    const int LargestGroup = 1024;

    /// <summary>So many changes in a row that came alone are a calm.</summary>
    const int Calm = 16;

    /// <summary>So many changes in the log alone are brought into the tables beside those who make the next ones.</summary>
    const int LongBacklog = 64;

    static readonly TimeSpan pause = TimeSpan.FromMilliseconds(200);

    /// <summary>After so long without a change, readers of the file are let see the last ones; under load after <see cref="longest"/>.</summary>
    static readonly TimeSpan quiet = TimeSpan.FromMilliseconds(20);

    static readonly TimeSpan longest = TimeSpan.FromMilliseconds(250);

    readonly Channel<IWrite> queue = Channel.CreateBounded<IWrite>(new BoundedChannelOptions(4 * LargestGroup) { SingleReader = true, AllowSynchronousContinuations = true });
    readonly ManualResetEventSlim arrived = new(initialState: false, spinCount: 0);
    readonly ManualResetEventSlim stop = new();

    /// <summary>Held by whoever makes changes.</summary>
    readonly Lock owner = new();
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Transactions transactions;
    readonly ILogger log;
    volatile Exception? fault;
    volatile bool closing;
    int alone;
    bool gone;
    long lastWrite;
    long lastSettled;

    public CommitLoop(Sqlite database, RedoLog? redo, ILogger log)
    {
        this.log = log;
        transactions = new(database, redo);
        Tables = new Tables(database, transactions);
        new Thread(Run) { IsBackground = true, Name = "durable commits" }.Start();
    }

    Tables Tables { get; }

    /// <summary>A key for an instance that will be written.</summary>
    public long NewInstanceKey() => Tables.NextKey(entity: false);

    /// <summary>Completes when the loop has ended: with the reason when it could not go on.</summary>
    public Task Ended => ended.Task;

    /// <summary>Changes and transactions so far.</summary>
    public EngineCounts Counts { get; private set; } = new(0, 0, 0);

    /// <summary>Whether something is written that readers of the file do not see: see <see cref="IWrite.Settles"/>.</summary>
    public bool IsAhead => transactions.IsAhead;

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
            if (gone || stop.IsSet || queue.Reader.TryPeek(out _) || !TryWrite(write))
                return false;
            if (queue.Reader.TryPeek(out _))
                alone = 0;
            Tell([write]);
            return true;
        }
        finally
        {
            owner.Exit();
        }
    }

    bool TryWrite(IWrite write)
    {
        try
        {
            Write([write], calm: true);
            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            transactions.Undo();
            return false;
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
                    Commit(group);
                    group.Clear();
                    if (transactions.IsAhead && TimeProvider.System.GetElapsedTime(lastSettled) > longest)
                        Settle();
                }
            lock (owner)
                if (!stop.IsSet && transactions.IsAhead)
                    Settle();
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
            arrived.Wait(transactions.IsAhead ? quiet : Timeout.InfiniteTimeSpan);
            if (waiting.IsCompleted)
                break;

            // It was the time, or one who wrote on its own thread and leaves the rest to us.
            arrived.Reset();
            if (!waiting.IsCompleted)
            {
                CatchUp();
                SettleWhenDue();
            }
        }
        return waiting.GetResult();
    }

    // What the tables cannot take now the next change, or the next settlement, comes upon again, with somebody to tell.
    void CatchUp()
    {
        if (transactions.Behind < LongBacklog)
            return;
        try
        {
            transactions.CatchUp();
        }
        catch (DurableStoreException failure) when (failure.MayPass)
        {
            log.CommitFailed(failure);
        }
    }

    void SettleWhenDue()
    {
        lock (owner)
            if (transactions.IsAhead && (TimeProvider.System.GetElapsedTime(lastWrite) >= quiet || TimeProvider.System.GetElapsedTime(lastSettled) >= longest))
                Settle();
    }

    // What cannot be settled now stays in the log, from where it is settled later or at the next start.
    void Settle()
    {
        try
        {
            transactions.Settle();
            Counts = Counts with { Settlements = Counts.Settlements + 1 };
            lastSettled = TimeProvider.System.GetTimestamp();
        }
        catch (DurableStoreException failure) when (failure.MayPass)
        {
            transactions.Undo();
            log.CommitFailed(failure);
            lastWrite = TimeProvider.System.GetTimestamp();
            if (!closing)
                stop.Wait(pause);
        }
    }

    void Fill(List<IWrite> group)
    {
        while (group.Count < LargestGroup && queue.Reader.TryRead(out var write))
            group.Add(write);
    }

    void Commit(List<IWrite> group)
    {
        while (group.Count > 0)
        {
            try
            {
                Write(group);
                break;
            }
            catch (DurableStoreException failure) when (failure.MayPass)
            {
                transactions.Undo();
                log.CommitFailed(failure);
                if (group.Exists(w => !w.Reads))
                    AnswerReads(group);
                foreach (var write in group.Where(w => !w.Waits))
                    write.Failed(failure);
                group.RemoveAll(w => !w.Waits);
                if (group.Count > 0 && (closing || stop.Wait(pause)))
                    throw;

                // Callers that came meanwhile are told too, instead of waiting for the disk.
                Fill(group);
            }
            catch (Exception failure) when (failure is not DurableStoreException && group.Count > 1)
            {
                transactions.Undo();
                WriteOneByOne(group);
                return;
            }
            catch (Exception failure) when (failure is not DurableStoreException)
            {
                transactions.Undo();
                log.CommitFailed(failure);
                group[0].Failed(failure);
                return;
            }
        }
        Tell(group);
    }

    // Whoever looks is answered though the changes beside it find no room, once and at once: a change that waits keeps its place.
    void AnswerReads(List<IWrite> group)
    {
        var reads = group.FindAll(w => w.Reads);
        group.RemoveAll(w => w.Reads);
        if (reads.Count == 0)
            return;
        try
        {
            Write(reads);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            transactions.Undo();
            reads.ForEach(read => read.Failed(failure));
            return;
        }
        Tell(reads);
    }

    // Where the engine was abandoned meanwhile no effect begins, and whoever waits for an answer learns that there will be none.
    void Tell(List<IWrite> group)
    {
        var abandoned = stop.IsSet ? new ObjectDisposedException(nameof(DurableEngine), "The durable engine was abandoned; what was asked for is on its disk.") : null;
        foreach (var write in group)
            if (abandoned is null)
                write.Committed();
            else
                write.Failed(abandoned);
    }

    void Write(List<IWrite> group, bool calm = false)
    {
        var wasAhead = transactions.IsAhead;
        transactions.Begin(calm);
        foreach (var write in group)
            write.Apply(Tables);
        if (stop.IsSet)
        {
            transactions.Undo();
            throw new ObjectDisposedException(nameof(DurableEngine), "The durable engine was abandoned.");
        }
        var synced = transactions.End(settle: group.Exists(write => write.Settles));
        var settled = synced && !transactions.IsAhead;
        lastWrite = TimeProvider.System.GetTimestamp();
        if (settled || !wasAhead)
            lastSettled = lastWrite;
        Counts = new(Counts.Changes + group.Count, Counts.Commits + (synced ? 1 : 0), Counts.Settlements);
        if ((!wasAhead && transactions.IsAhead) || transactions.Behind >= LongBacklog)
            arrived.Set();
    }

    // A change with a mistake in it must not take its neighbours along.
    void WriteOneByOne(List<IWrite> group)
    {
        foreach (var write in group)
            Commit([write]);
    }

    /// <summary>Writes what waits, then ends. What cannot be written now is left for the next start: a stop does not wait for a disk to be freed.</summary>
    public async ValueTask DisposeAsync()
    {
        closing = true;
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
