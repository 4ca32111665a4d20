using AiOs.Serving.Calls;

namespace AiOs.Serving.Costs;

/// <summary>How long a budget lasts before it is full again; both begin at midnight, UTC.</summary>
public enum BudgetWindow
{
    /// <summary>A calendar day.</summary>
    Day,

    /// <summary>A calendar month.</summary>
    Month,
}

/// <summary>A limit on what calls of models may cost in a day or a month. It counts the calls that match every scope it names; one that names none counts all calls.</summary>
/// <param name="Id">Its name, unique.</param>
/// <param name="Window">How long it lasts.</param>
public sealed record Budget(string Id, BudgetWindow Window)
{
    /// <summary>The largest limit.</summary>
    public const decimal MostLimit = Nano.Most;

    /// <summary>Counts only calls for this app; null counts those for any.</summary>
    public string? App { get; init; }

    /// <summary>Counts only calls of this principal.</summary>
    public string? Principal { get; init; }

    /// <summary>Counts only calls of this logical model.</summary>
    public string? Model { get; init; }

    /// <summary>The hard limit: a call that could exceed it is refused before it is made. Null: none.</summary>
    public decimal? Limit { get; init; }

    /// <summary>The soft limit: above it calls go on, and are marked. Null: none.</summary>
    public decimal? SoftLimit { get; init; }

    /// <summary>What it counts, in words.</summary>
    public string Scope => (App, Principal, Model) is (null, null, null) ? "all" : string.Join(", ", new[] { ("app", App), ("principal", Principal), ("model", Model) }.Where(part => part.Item2 is not null).Select(part => $"{part.Item1} {part.Item2}"));

    /// <summary>Whether it counts that spender's calls.</summary>
    public bool Covers(Spender spender) => (App is null || App == spender.App) && (Principal is null || Principal == spender.Principal) && (Model is null || Model == spender.Model);

    internal DateTimeOffset Began(DateTimeOffset now) => Window == BudgetWindow.Day
        ? new(now.UtcDateTime.Date, TimeSpan.Zero)
        : new(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);

    internal DateTimeOffset Ends(DateTimeOffset now) => Window == BudgetWindow.Day ? Began(now).AddDays(1) : Began(now).AddMonths(1);
}

/// <summary>A call was not made because it could cost more than is left of a hard budget.</summary>
/// <param name="budget">The budget.</param>
/// <param name="resetsAt">When it is full again.</param>
public sealed class BudgetExceededException(Budget budget, DateTimeOffset resetsAt)
    : Exception($"The budget '{budget.Id}' ({budget.Scope}) of {budget.Limit} a {(budget.Window == BudgetWindow.Day ? "day" : "month")} does not cover this call; it is full again at {resetsAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}.")
{
    /// <summary>Its id.</summary>
    public string BudgetId => budget.Id;

    /// <summary>What it counts, in words.</summary>
    public string Scope => budget.Scope;

    /// <summary>The hard limit, in the operator's currency.</summary>
    public decimal Limit => budget.Limit ?? 0;

    /// <summary>When it is full again.</summary>
    public DateTimeOffset ResetsAt => resetsAt;
}
