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

    public void Enqueue(IWork work)
    {
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

    void IThreadPoolWorkItem.Execute() => _ = WorkAsync();

    async Task WorkAsync()
    {
        while (!paused && waiting.TryDequeue(out var work))
            await RunAsync(work);
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

    static ExecutionContext CaptureNone()
    {
        ExecutionContext? captured = null;
        var blank = new Thread(() => captured = ExecutionContext.Capture());
        blank.UnsafeStart();
        blank.Join();
        return captured!;
    }
}
