using Microsoft.DurableTask;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>Events by name, whatever its case: those that nobody has waited for yet, first come first served; and those who wait, the latest first.</summary>
sealed class ExternalEvents(DataConverter converter)
{
    readonly Dictionary<string, Queue<string?>> unclaimed = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, List<Waiter>> waiting = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether anybody waits.</summary>
    public bool AnyWaiter => waiting.Count > 0;

    /// <summary>The next event of that name.</summary>
    /// <exception cref="ArgumentException">Another type is already awaited under that name.</exception>
    public Task<T> WaitAsync<T>(string name, CancellationToken cancellationToken, Func<bool> onThread)
    {
        if (waiting.TryGetValue(name, out var others) && others[0].Type != typeof(T))
            throw new ArgumentException($"Event '{name}' is already awaited as {others[0].Type}, so it cannot be awaited as {typeof(T)}.", nameof(name));
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);
        var waiter = new Waiter<T>();
        if (unclaimed.TryGetValue(name, out var queue))
        {
            waiter.Raise(queue.Dequeue(), converter);
            if (queue.Count == 0)
                unclaimed.Remove(name);
            return waiter.Event.Task;
        }
        if (others is null)
            waiting[name] = others = [];
        others.Add(waiter);
        if (cancellationToken.CanBeCanceled)
            cancellationToken.Register(() =>
            {
                // A waiter that gave up must not swallow the event that the next one waits for.
                if (onThread() && Remove(name, waiter))
                    waiter.Event.TrySetCanceled(cancellationToken);
            });
        return waiter.Event.Task;
    }

    bool Remove(string name, Waiter waiter)
    {
        if (!waiting.TryGetValue(name, out var others) || !others.Remove(waiter))
            return false;
        if (others.Count == 0)
            waiting.Remove(name);
        return true;
    }

    /// <summary>Hands an event to the latest waiter; null when it waits for one instead.</summary>
    public Action? Raise(string name, string? input)
    {
        if (waiting.TryGetValue(name, out var others))
        {
            var waiter = others[^1];
            Remove(name, waiter);
            return () => waiter.Raise(input, converter);
        }
        if (!unclaimed.TryGetValue(name, out var queue))
            unclaimed[name] = queue = new();
        queue.Enqueue(input);
        return null;
    }

    /// <summary>The events that nobody has waited for.</summary>
    public List<Histories.EventRaised> Unclaimed() => [.. unclaimed.SelectMany(named => named.Value.Select(input => new Histories.EventRaised(named.Key, input)))];

    abstract class Waiter
    {
        public abstract Type Type { get; }

        public abstract void Raise(string? input, DataConverter converter);
    }

    sealed class Waiter<T> : Waiter
    {
        public TaskCompletionSource<T> Event { get; } = new();

        public override Type Type => typeof(T);

        public override void Raise(string? input, DataConverter converter)
        {
            T value;
            try
            {
                value = converter.Deserialize(input, typeof(T)) is T read ? read : default!;
            }
            catch (Exception mismatch)
            {
                Event.TrySetException(mismatch);
                return;
            }
            Event.TrySetResult(value);
        }
    }
}
