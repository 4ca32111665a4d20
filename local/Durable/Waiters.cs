using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Durable;

/// <summary>Callers that wait for an instance to start or end. Told by the transition itself, so nobody polls.</summary>
sealed class Waiters
{
    readonly Dictionary<string, List<Waiter>> waiting = new(StringComparer.Ordinal);
    readonly Lock gate = new();

    /// <summary>Waits until the instance is as <paramref name="wanted"/>, first looking at what <paramref name="read"/> finds.</summary>
    public async Task<(InstanceRow Row, long At)> WaitAsync(
        string id, Func<InstanceRow, bool> wanted, Func<Task<(InstanceRow Row, long At)?>> read, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(wanted);
        lock (gate)
        {
            if (!waiting.TryGetValue(id, out var list))
                waiting[id] = list = [];
            list.Add(waiter);
        }
        try
        {
            return await read() is { } known && wanted(known.Row) ? known : await waiter.Told.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (gate)
            {
                if (waiting.TryGetValue(id, out var list) && list.Remove(waiter) && list.Count == 0)
                    waiting.Remove(id);
            }
        }
    }

    /// <summary>An instance has changed.</summary>
    public void Tell(InstanceRow row, long at)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(row.Id, out var list))
                return;
            foreach (var waiter in list)
                if (waiter.Wanted(row))
                    waiter.Tell(row, at);
        }
    }

    /// <summary>The engine stops: nobody will be told any more.</summary>
    public void Close(Exception reason)
    {
        List<Waiter> left;
        lock (gate)
            left = [.. waiting.Values.SelectMany(list => list)];
        ThreadPool.UnsafeQueueUserWorkItem(_ => left.ForEach(waiter => waiter.Told.TrySetException(reason)), state: null);
    }

    sealed class Waiter(Func<InstanceRow, bool> wanted) : IThreadPoolWorkItem
    {
        (InstanceRow Row, long At) answer;
        bool isTold;

        public Func<InstanceRow, bool> Wanted => wanted;

        // Whoever awaits it goes on on the thread that completes it, which is therefore never one that has something else to do.
        public TaskCompletionSource<(InstanceRow Row, long At)> Told { get; } = new();

        public void Tell(InstanceRow row, long at)
        {
            if (isTold)
                return;
            (answer, isTold) = ((row, at), true);
            if (Relay.CanTake)
                Relay.HandOver(this);
            else
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        public void Execute() => Told.TrySetResult(answer);
    }
}
