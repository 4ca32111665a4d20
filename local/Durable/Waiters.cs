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
                    waiter.Told.TrySetResult((row, at));
        }
    }

    /// <summary>The engine stops: nobody will be told any more.</summary>
    public void Close(Exception reason)
    {
        lock (gate)
            foreach (var waiter in waiting.Values.SelectMany(list => list))
                waiter.Told.TrySetException(reason);
    }

    sealed record Waiter(Func<InstanceRow, bool> Wanted)
    {
        public TaskCompletionSource<(InstanceRow Row, long At)> Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
