using System.Collections.Concurrent;

namespace AiOs.DataPlane.Queues;

/// <summary>Wakes the receivers of this process when something was put into their queue. A hint only: the table is the truth.</summary>
sealed class QueueSignals
{
    readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);

    /// <summary>A task that completes at the next <see cref="Raise"/> for <paramref name="queue"/>; take it before looking into the table.</summary>
    public Task Next(string queue) => waiting.GetOrAdd(queue, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Raise(string queue)
    {
        if (waiting.TryRemove(queue, out var signal)) signal.TrySetResult();
    }
}
