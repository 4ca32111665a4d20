using AiOs.DataPlane;
using Dapper;

namespace AiOs.Serving.Costs;

/// <summary>What costs are summed by.</summary>
public enum CostsBy
{
    /// <summary>By app.</summary>
    App,

    /// <summary>By principal.</summary>
    Principal,

    /// <summary>By logical model.</summary>
    Model,

    /// <summary>By day, UTC.</summary>
    Day,
}

/// <summary>What calls came to: <paramref name="Name"/> is an app, a principal, a model or a day (<c>2026-03-02</c>); <paramref name="Cost"/> is in the operator's currency.</summary>
public sealed record CostSum(string Name, long Calls, long InputTokens, long OutputTokens, decimal Cost);

/// <summary>What calls of models cost, by day. Ended calls are in it a tenth of a second later; this instance's at once.</summary>
public sealed class CostReport
{
    readonly Database database;
    readonly Ledger ledger;

    internal CostReport(Database database, Ledger ledger) => (this.database, this.ledger) = (database, ledger);

    /// <summary>Sums over the days from <paramref name="from"/> to <paramref name="to"/>, both included, the most expensive first (days in their order).</summary>
    public async Task<IReadOnlyList<CostSum>> SumAsync(CostsBy by, DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        await ledger.FlushAsync(cancellationToken);
        var (name, order) = by switch { CostsBy.App => ("app", "cost DESC"), CostsBy.Principal => ("principal", "cost DESC"), CostsBy.Model => ("model", "cost DESC"), _ => ("day", "name") };
        return await database.ReadAsync<IReadOnlyList<CostSum>>(async connection => [.. (await connection.QueryAsync<Row>($"""
            SELECT CAST({name} AS TEXT) AS name, CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(input_tokens) AS BIGINT) AS input_tokens, CAST(SUM(output_tokens) AS BIGINT) AS output_tokens, CAST(SUM(cost) AS BIGINT) AS cost
            FROM costs WHERE day >= @from AND day <= @to GROUP BY {name} ORDER BY {order}
            """, new { from = DayOf(from), to = DayOf(to) })).Select(row => row.ToSum(by))], cancellationToken);
    }

    static long DayOf(DateOnly day) => Ledger.DayOf(new(day, TimeOnly.MinValue, TimeSpan.Zero));

    sealed class Row
    {
        public string Name { get; init; } = "";
        public long Calls { get; init; }
        public long InputTokens { get; init; }
        public long OutputTokens { get; init; }
        public long Cost { get; init; }

        public CostSum ToSum(CostsBy by) => new(
            by == CostsBy.Day ? DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(int.Parse(Name, System.Globalization.CultureInfo.InvariantCulture)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : Name,
            Calls, InputTokens, OutputTokens, Nano.Amount(Cost));
    }
}
