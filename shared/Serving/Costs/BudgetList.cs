using System.Data;
using System.Data.Common;
using System.Globalization;
using AiOs.DataPlane;
using AiOs.Governance;
using Dapper;

namespace AiOs.Serving.Costs;

/// <summary>A budget and how much of its current window is used.</summary>
/// <param name="Budget">The budget.</param>
/// <param name="Spent">What calls cost, as far as it is written down.</param>
/// <param name="Forfeited">What instances had leased that ended without a word; it counts as spent.</param>
/// <param name="Leased">What instances hold at the moment, part of it spent already.</param>
/// <param name="ResetsAt">When it is full again.</param>
public sealed record BudgetState(Budget Budget, decimal Spent, decimal Forfeited, decimal Leased, DateTimeOffset ResetsAt)
{
    /// <summary>What is used up already, in words; null while nothing is.</summary>
    public string? Warning => Spent + Forfeited is var used && used >= Budget.Limit ? string.Create(CultureInfo.InvariantCulture, $"{used} of {Budget.Limit} are used: calls are refused until {ResetsAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}.")
        : used >= Budget.SoftLimit ? string.Create(CultureInfo.InvariantCulture, $"{used} are used, the soft limit is {Budget.SoftLimit}: calls go on and are marked.") : null;
}

/// <summary>The budgets that operators set. Every change is in the audit log; instances follow within two seconds.</summary>
public sealed class BudgetList(Database database, AuditLog audit, TimeProvider clock)
{
    /// <summary>All, by id, and how they stand.</summary>
    public async Task<IReadOnlyList<BudgetState>> ListAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await database.ReadAsync<IReadOnlyList<BudgetState>>(async connection =>
        {
            var (_, budgets) = await BudgetRows.AllAsync(connection);
            var used = (await connection.QueryAsync<Used>("SELECT budget, began_at, settled, forfeited, leased FROM budget_windows WHERE began_at >= @since", new { since = now.AddDays(-32).ToUnixTimeMilliseconds() }))
                .ToDictionary(row => (row.Budget, row.BeganAt));
            return [.. budgets.Select(b => State(b.Budget, used.GetValueOrDefault((b.Number, b.Budget.Began(now).ToUnixTimeMilliseconds())) ?? new(), now))];
        }, cancellationToken);
    }

    static BudgetState State(Budget budget, Used used, DateTimeOffset now) => new(budget, Nano.Amount(used.Settled), Nano.Amount(used.Forfeited), Nano.Amount(used.Leased), budget.Ends(now));

    /// <summary>Sets a budget: a new one, or other limits for one that is there. A new one, or one whose scope or window is another than before, begins with what the costs of its window say already.</summary>
    /// <returns>Whether it is new.</returns>
    public async Task<bool> SetAsync(Budget budget, string principal, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await database.WriteAsync(IsolationLevel.Serializable, async (connection, transaction) =>
        {
            var before = (await connection.QuerySingleOrDefaultAsync<BudgetRow>($"SELECT {BudgetRows.Columns} FROM budgets WHERE id = @Id", new { budget.Id }, transaction))?.ToBudget();
            var values = new
            {
                before?.Number, budget.Id, budget.App, budget.Principal, budget.Model, period = budget.Window.ToString(), hard = budget.Limit is { } hard ? Nano.Of(hard) : (long?)null,
                soft = budget.SoftLimit is { } soft ? Nano.Of(soft) : (long?)null, at = now.ToUnixTimeMilliseconds(), by = principal,
            };
            if (before is not null && before.Budget with { Limit = null, SoftLimit = null } == budget with { Limit = null, SoftLimit = null })
                await connection.ExecuteAsync("UPDATE budgets SET hard = @hard, soft = @soft, set_at = @at, set_by = @by WHERE number = @Number", values, transaction);
            else
            {
                await connection.ExecuteAsync("DELETE FROM budgets WHERE id = @Id", values, transaction);
                var number = await connection.ExecuteScalarAsync<long>("""
                    INSERT INTO budgets (id, app, principal, model, period, hard, soft, set_at, set_by) VALUES (@Id, @App, @Principal, @Model, @period, @hard, @soft, @at, @by) RETURNING number
                    """, values, transaction);
                await BeginAsync(connection, transaction, number, budget, now);
            }

            await ChangedAsync(connection, transaction, "budget.set", budget, principal, now);
            return before is null;
        }, cancellationToken);
    }

    /// <summary>Removes a budget; false where there is none of that id.</summary>
    public async Task<bool> RemoveAsync(string id, string principal, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await database.WriteAsync(IsolationLevel.Serializable, async (connection, transaction) =>
        {
            if (await connection.QuerySingleOrDefaultAsync<BudgetRow>($"SELECT {BudgetRows.Columns} FROM budgets WHERE id = @id", new { id }, transaction) is not { } row)
                return false;
            await connection.ExecuteAsync("DELETE FROM budgets WHERE id = @id", new { id }, transaction);
            await ChangedAsync(connection, transaction, "budget.removed", row.ToBudget().Budget, principal, now);
            return true;
        }, cancellationToken);
    }

    /// <summary>What was spent before the budget was there counts too.</summary>
    static Task BeginAsync(DbConnection connection, DbTransaction transaction, long number, Budget budget, DateTimeOffset now) => connection.ExecuteAsync("""
        INSERT INTO budget_windows (budget, began_at, settled, forfeited, leased)
        SELECT @number, @began, COALESCE(SUM(cost), 0), 0, 0 FROM costs
        WHERE day >= @day AND (CAST(@App AS TEXT) IS NULL OR app = @App) AND (CAST(@Principal AS TEXT) IS NULL OR principal = @Principal) AND (CAST(@Model AS TEXT) IS NULL OR model = @Model)
        """, new { number, began = budget.Began(now).ToUnixTimeMilliseconds(), day = Ledger.DayOf(budget.Began(now)), budget.App, budget.Principal, budget.Model }, transaction);

    async Task ChangedAsync(DbConnection connection, DbTransaction transaction, string what, Budget budget, string principal, DateTimeOffset now)
    {
        await connection.ExecuteAsync("UPDATE budgets_head SET version = version + 1 WHERE id = 1", transaction: transaction);
        var detail = new Dictionary<string, string>(StringComparer.Ordinal) { ["budget"] = budget.Id, ["scope"] = budget.Scope, ["window"] = budget.Window.ToString(), ["limit"] = $"{budget.Limit}", ["softLimit"] = $"{budget.SoftLimit}" };
        await audit.AppendAsync(connection, transaction, new AuditEntry(what, now, RunId: null, Step: null, principal, ArgumentsDigest: null, PolicyVersion: null, "done", detail));
    }

    sealed class Used
    {
        public long Budget { get; init; }
        public long BeganAt { get; init; }
        public long Settled { get; init; }
        public long Forfeited { get; init; }
        public long Leased { get; init; }
    }
}
