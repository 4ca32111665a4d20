using System.Collections.Concurrent;

namespace AiOs.Local.Durable;

/// <summary>Something that waits for its turn.</summary>
interface IWork
{
    /// <summary>Takes its turn. Never throws.</summary>
    Task RunAsync();
}

/// <summary>Runs work in the order of arrival on the thread pool, at most so many pieces at once; no thread waits while there is none.</summary>
sealed class WorkQueue(int limit) : IThreadPoolWorkItem
{
    static readonly ExecutionContext none = CaptureNone();

    readonly ConcurrentQueue<IWork> waiting = [];
    int workers;
    int running;
    volatile bool paused;

    /// <summary>Pieces that run right now.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>Pieces that have not begun.</summary>
    public int Waiting => waiting.Count;

    /// <summary>Brings work. The thread that brings it takes it up itself when it can and nothing else waits.</summary>
    public void Enqueue(IWork work)
    {
        if (Relay.CanTake && waiting.IsEmpty && TryTakeHand())
        {
            Interlocked.Increment(ref running);
            Relay.HandOver(new Piece(this, work));
            return;
        }
        waiting.Enqueue(work);
        Hire();
    }

    /// <summary>Whether nothing waits or runs.</summary>
    public bool IsIdle => waiting.IsEmpty && Running == 0;

    /// <summary>Begins nothing more.</summary>
    public void Pause() => paused = true;

    /// <summary>Runs a piece on the caller's thread, in nobody's execution context; false when others wait or all hands are busy.</summary>
    public bool TryRun(IWork work)
    {
        if (!waiting.IsEmpty || !TryTakeHand())
            return false;
        using var theirs = Relay.Close();
        ExecutionContext.Run(none, static state => _ = state is (WorkQueue queue, IWork work) ? queue.RunOneAsync(work) : null, (this, work));
        return true;
    }

    async Task RunOneAsync(IWork work)
    {
        await RunAsync(work);
        GiveHandBack();
    }

    void Hire()
    {
        if (TryTakeHand())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    bool TryTakeHand()
    {
        var now = Volatile.Read(ref workers);
        while (now < limit && !paused)
        {
            var seen = Interlocked.CompareExchange(ref workers, now + 1, now);
            if (seen == now)
                return true;
            now = seen;
        }
        return false;
    }

    void IThreadPoolWorkItem.Execute() => Relay.Run(() => _ = WorkAsync());

    // Whoever has been handed something else to do leaves the rest to the next hand; so does work that had to wait, for it goes on inside
    // of whatever completed it.
    async Task WorkAsync()
    {
        for (var isHere = true; isHere && !paused && !Relay.IsTaken && waiting.TryDequeue(out var work);)
        {
            var turn = RunAsync(work);
            isHere = turn.IsCompleted;
            await turn;
        }
        GiveHandBack();
    }

    async ValueTask RunAsync(IWork work)
    {
        Interlocked.Increment(ref running);
        await work.RunAsync();
        Interlocked.Decrement(ref running);
    }

    void GiveHandBack()
    {
        Interlocked.Decrement(ref workers);

        // Work that came between the last look and the goodbye found all hands busy.
        if (!waiting.IsEmpty)
            Hire();
    }

    /// <summary>Work that has its hand, and counts as running, while it waits for the thread that took it.</summary>
    sealed class Piece(WorkQueue queue, IWork work) : IThreadPoolWorkItem
    {
        public void Execute() => _ = ExecuteAsync();

        async Task ExecuteAsync()
        {
            if (queue.paused)
                queue.waiting.Enqueue(work);
            else
                await work.RunAsync();
            Interlocked.Decrement(ref queue.running);
            queue.GiveHandBack();
        }
    }

    static ExecutionContext CaptureNone()
    {
        ExecutionContext? captured = null;
        var blank = new Thread(() => captured = ExecutionContext.Capture());
        blank.UnsafeStart();
        blank.Join();
        return captured!;
    }
}
