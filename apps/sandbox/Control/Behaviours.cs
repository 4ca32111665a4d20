namespace AiOs.Sandbox.Control;

/// <summary>How the world answers.</summary>
public enum BehaviourMode
{
    /// <summary>As documented.</summary>
    Ok,

    /// <summary>503 and no effect.</summary>
    Fail,

    /// <summary>400 and no effect.</summary>
    Reject,

    /// <summary>429 with <c>Retry-After: 1</c> and no effect.</summary>
    Throttle,

    /// <summary>No effect and no answer until the caller hangs up.</summary>
    Hang,

    /// <summary>The effect happens, the caller waits in vain.</summary>
    HangAfterEffect,

    /// <summary>The effect happens, the answer is 200 with HTML that nobody asked for.</summary>
    Garbage,

    /// <summary>The effect happens, the answer is 200 with 2 MB of JSON.</summary>
    Huge,

    /// <summary>Idempotency keys mean nothing: every request has its effect.</summary>
    IgnoreKeys,

    /// <summary>The effect happens, the answer is 500.</summary>
    FailAfterEffect,

    /// <summary>The connection is cut before anything happens.</summary>
    Drop,

    /// <summary>The effect happens, then the connection is cut.</summary>
    DropAfterEffect,

    /// <summary>302 to <c>/_elsewhere</c> and no effect.</summary>
    Redirect,

    /// <summary>As documented, after a while (<c>delayMs</c>, default 1000); the effect comes first.</summary>
    Slow,
}

/// <summary>An order to misbehave: requests at or under <paramref name="Path"/> get <paramref name="Mode"/>, the next <paramref name="Times"/> of them or all.</summary>
public sealed record Behaviour(string Path, BehaviourMode Mode, int? Times = null, int? DelayMs = null)
{
    internal static bool Covers(string pattern, string path) => path == pattern || path.StartsWith(pattern.TrimEnd('/') + "/", StringComparison.Ordinal);
}

/// <summary>The orders in force. The first that covers a path counts; one with a number of times is used up, so several make a script.</summary>
sealed class Behaviours
{
    readonly Lock gate = new();
    readonly List<Behaviour> orders = [];

    public Behaviour Take(string path)
    {
        lock (gate)
        {
            var index = orders.FindIndex(o => Behaviour.Covers(o.Path, path));
            if (index < 0)
                return new(path, BehaviourMode.Ok);
            var order = orders[index];
            if (order.Times is { } times)
                orders[index] = order with { Times = times - 1 };
            orders.RemoveAll(o => o.Times <= 0);
            return order;
        }
    }

    /// <summary>Adds an order; one without a number of times replaces the one in force for good.</summary>
    public void Add(Behaviour order)
    {
        lock (gate)
        {
            if (order.Times is null)
                orders.RemoveAll(o => o.Path == order.Path && o.Times is null);
            // What is limited comes before what holds for good.
            var at = order.Times is null ? orders.Count : orders.TakeWhile(o => o.Times is not null).Count();
            orders.Insert(at, order);
        }
    }

    public IReadOnlyList<Behaviour> All()
    {
        lock (gate)
            return [.. orders];
    }

    public void Clear()
    {
        lock (gate)
            orders.Clear();
    }
}
