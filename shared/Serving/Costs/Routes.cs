using System.Collections.Concurrent;
using AiOs.Serving.Calls;

namespace AiOs.Serving.Costs;

/// <summary>A budget and its number in the tables.</summary>
sealed record NumberedBudget(long Number, Budget Budget);

/// <summary>The budgets in force, and which accounts count whose calls.</summary>
sealed class Routes(long version, IReadOnlyList<NumberedBudget> budgets)
{
    const int Remembered = 10_000;

    readonly ConcurrentDictionary<Spender, Route> known = new();

    /// <summary>Counts the changes of budgets.</summary>
    public long Version => version;

    public IReadOnlyList<NumberedBudget> Budgets => budgets;

    public Route? Find(Spender spender) => known.GetValueOrDefault(spender);

    /// <summary>The loop only.</summary>
    public Route Add(Spender spender, Route route)
    {
        if (known.Count >= Remembered)
            known.Clear();
        return known[spender] = route;
    }
}
