using System.Data.Common;
using Dapper;

namespace AiOs.Serving.Costs;

/// <summary>The ledger's transactions. INVARIANT: a window's row is locked before any lease of it, and windows in the order of their keys.</summary>
sealed class LedgerWrites(DbConnection connection, DbTransaction transaction, string instance, DateTimeOffset now)
{
    /// <summary>A lease that its instance does not confirm for so long is forfeited.</summary>
    public static readonly TimeSpan LeaseLife = TimeSpan.FromSeconds(60);

    /// <summary>A lease is at most this share of a budget, and of what is left of it: what a crash can forfeit, and what the last instance to come still finds.</summary>
    public const int LargestShare = 64, ShareOfRest = 16;

    long Now => now.ToUnixTimeMilliseconds();

    /// <summary>Whether the batch was not written down before.</summary>
    public async Task<bool> IsNewAsync(LedgerBatch batch) => await connection.ExecuteAsync("""
        INSERT INTO cost_batches (instance, batch, written_at) VALUES (@instance, @Number, @Now)
        ON CONFLICT (instance) DO UPDATE SET batch = excluded.batch, written_at = excluded.written_at WHERE cost_batches.batch < excluded.batch
        """, new { instance, batch.Number, Now }, transaction) == 1;

    /// <summary>Adds to what spenders used.</summary>
    public async Task AddAsync(IReadOnlyList<CostLine> lines)
    {
        foreach (var line in lines.OrderBy(l => l.Day).ThenBy(l => l.Spender.App, StringComparer.Ordinal).ThenBy(l => l.Spender.Principal, StringComparer.Ordinal).ThenBy(l => l.Spender.Model, StringComparer.Ordinal))
            await connection.ExecuteAsync("""
                INSERT INTO costs (day, app, principal, model, calls, input_tokens, output_tokens, cost) VALUES (@Day, @App, @Principal, @Model, @Calls, @InputTokens, @OutputTokens, @Cost)
                ON CONFLICT (day, app, principal, model) DO UPDATE SET calls = costs.calls + excluded.calls, input_tokens = costs.input_tokens + excluded.input_tokens,
                  output_tokens = costs.output_tokens + excluded.output_tokens, cost = costs.cost + excluded.cost
                """, new { line.Day, line.Spender.App, line.Spender.Principal, line.Spender.Model, line.Calls, line.InputTokens, line.OutputTokens, line.Cost }, transaction);
    }

    /// <summary>Counts what was spent of an account, takes back what is returned, and leases more where somebody wants it.</summary>
    /// <param name="change">What happened.</param>
    /// <param name="wanted">What callers wait for; null where nobody does.</param>
    public async Task<AccountState> ApplyAsync(AccountChange change, Wanted? wanted)
    {
        var account = change.Account;
        var window = await LockAsync(account.Number, account.Began.ToUnixTimeMilliseconds());
        var lease = await connection.QuerySingleOrDefaultAsync<LeaseRow>("SELECT held, forfeited FROM budget_leases WHERE budget = @Number AND began_at = @began AND instance = @instance",
            new { account.Number, began = window.BeganAt, instance }, transaction) ?? new();
        if (account.Hard is not { } hard)
        {
            window.Settled += change.Spent;
            await SaveAsync(window);
            return new(window.Settled + window.Forfeited, 0, long.MaxValue / 2);
        }

        if (lease.Forfeited != 0)
            (window.Forfeited, window.Leased) = (window.Forfeited - lease.Held, window.Leased + lease.Held);   // we were only late
        var covered = Math.Min(change.Spent, lease.Held);
        var back = change.Ends ? lease.Held - covered : Math.Min(change.Returned, lease.Held - covered);
        window.Settled += change.Spent;
        var rest = hard - window.Settled - window.Forfeited - (window.Leased - covered - back);
        var grant = wanted is null ? 0 : Grant(rest, hard, wanted);
        window.Leased += grant - covered - back;
        await SaveAsync(window);
        await HoldAsync(window, lease.Held + grant - covered - back);
        return new(window.Settled + window.Forfeited, grant + change.Spent - covered, rest - grant);
    }

    /// <summary>As much as is wanted, and a share of the budget in advance that shrinks with what is left; nothing where not even the least can be had.</summary>
    static long Grant(long rest, long hard, Wanted wanted) =>
        wanted.Sum <= 0 || rest < wanted.Least ? 0 : Math.Min(rest, Math.Max(wanted.Sum, Math.Min(rest / ShareOfRest, hard / LargestShare)));

    async Task<WindowRow> LockAsync(long budget, long began)
    {
        const string Lock = "UPDATE budget_windows SET leased = leased WHERE budget = @budget AND began_at = @began RETURNING budget, began_at, settled, forfeited, leased";
        if (await connection.QuerySingleOrDefaultAsync<WindowRow>(Lock, new { budget, began }, transaction) is { } row)
            return row;
        await connection.ExecuteAsync("INSERT INTO budget_windows (budget, began_at, settled, forfeited, leased) VALUES (@budget, @began, 0, 0, 0) ON CONFLICT DO NOTHING", new { budget, began }, transaction);
        return await connection.QuerySingleAsync<WindowRow>(Lock, new { budget, began }, transaction);
    }

    Task SaveAsync(WindowRow window) =>
        connection.ExecuteAsync("UPDATE budget_windows SET settled = @Settled, forfeited = @Forfeited, leased = @Leased WHERE budget = @Budget AND began_at = @BeganAt", window, transaction);

    Task HoldAsync(WindowRow window, long held) => connection.ExecuteAsync("""
        INSERT INTO budget_leases (budget, began_at, instance, held, expires_at, forfeited) VALUES (@Budget, @BeganAt, @instance, @held, @expires, 0)
        ON CONFLICT (budget, began_at, instance) DO UPDATE SET held = excluded.held, expires_at = excluded.expires_at, forfeited = 0
        """, new { window.Budget, window.BeganAt, instance, held, expires = (now + LeaseLife).ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Counts leases as spent whose instances have not confirmed them in time: nobody knows what those have spent of them.</summary>
    public async Task<IReadOnlyList<(long Budget, long Amount)>> ForfeitAsync()
    {
        var late = (await connection.QueryAsync<LateLease>("SELECT budget, began_at, instance FROM budget_leases WHERE forfeited = 0 AND held > 0 AND expires_at < @Now ORDER BY budget, began_at, instance",
            new { Now }, transaction)).ToList();
        var forfeited = new List<(long, long)>();
        foreach (var lease in late)
        {
            await LockAsync(lease.Budget, lease.BeganAt);
            var held = await connection.ExecuteScalarAsync<long?>(
                "UPDATE budget_leases SET forfeited = 1 WHERE budget = @Budget AND began_at = @BeganAt AND instance = @Instance AND forfeited = 0 AND held > 0 AND expires_at < @Now RETURNING held",
                new { lease.Budget, lease.BeganAt, lease.Instance, Now }, transaction);
            if (held is not { } amount)
                continue;
            await connection.ExecuteAsync("UPDATE budget_windows SET leased = leased - @amount, forfeited = forfeited + @amount WHERE budget = @Budget AND began_at = @BeganAt", new { amount, lease.Budget, lease.BeganAt }, transaction);
            forfeited.Add((lease.Budget, amount));
        }

        var old = (now - TimeSpan.FromDays(62)).ToUnixTimeMilliseconds();
        await connection.ExecuteAsync("DELETE FROM budget_leases WHERE began_at < @old; DELETE FROM cost_batches WHERE written_at < @old", new { old }, transaction);
        return forfeited;
    }

    sealed class WindowRow
    {
        public long Budget { get; init; }
        public long BeganAt { get; init; }
        public long Settled { get; set; }
        public long Forfeited { get; set; }
        public long Leased { get; set; }
    }

    sealed class LeaseRow
    {
        public long Held { get; init; }
        public long Forfeited { get; init; }
    }

    sealed class LateLease
    {
        public long Budget { get; init; }
        public long BeganAt { get; init; }
        public string Instance { get; init; } = "";
    }
}
