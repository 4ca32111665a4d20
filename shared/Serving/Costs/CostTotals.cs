using System.Collections.Concurrent;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Costs;

/// <summary>What a spender used on one day since it was last written down.</summary>
sealed record CostLine(long Day, Spender Spender, long Calls, long InputTokens, long OutputTokens, long Cost);

/// <summary>Sums of ended calls in memory, by day and spender: however many calls end, they are few. Nothing is ever dropped.</summary>
sealed class CostTotals
{
    readonly record struct Key(long Day, Spender Spender);

    volatile ConcurrentDictionary<Key, Sum> sums = new();

    /// <summary>Adds a call.</summary>
    public void Add(long day, Spender spender, ModelUsage usage)
    {
        while (!sums.GetOrAdd(new(day, spender), static _ => new()).TryAdd(usage))
        {
            // The sum was just taken away to be written down: the next one is another.
        }
    }

    /// <summary>Everything since the last time, for the loop to write down.</summary>
    public IReadOnlyList<CostLine> Take()
    {
        if (sums.IsEmpty)
            return [];
        var taken = sums;
        sums = new();
        return [.. taken.Select(entry => entry.Value.Close(entry.Key.Day, entry.Key.Spender))];
    }

    sealed class Sum
    {
        readonly Lock gate = new();
        long calls, input, output, cost;
        bool closed;

        public bool TryAdd(ModelUsage usage)
        {
            lock (gate)
            {
                if (closed)
                    return false;
                (calls, input, output, cost) = (calls + 1, input + usage.InputTokens, output + usage.OutputTokens, cost + Nano.Of(usage.Cost ?? 0));
                return true;
            }
        }

        public CostLine Close(long day, Spender spender)
        {
            lock (gate)
            {
                closed = true;
                return new(day, spender, calls, input, output, cost);
            }
        }
    }
}
