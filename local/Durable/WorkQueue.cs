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

    void Hire()
    {
        var now = Volatile.Read(ref workers);
        while (now < limit && !paused)
        {
            var seen = Interlocked.CompareExchange(ref workers, now + 1, now);
            if (seen == now)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
            now = seen;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = WorkAsync();

    async Task WorkAsync()
    {
        while (!paused && waiting.TryDequeue(out var work))
        {
            Interlocked.Increment(ref running);
            await work.RunAsync();
            Interlocked.Decrement(ref running);
        }
        Interlocked.Decrement(ref workers);

        // Work that came between the last look and the goodbye found all hands busy.
        if (!waiting.IsEmpty)
            Hire();
    }
}
