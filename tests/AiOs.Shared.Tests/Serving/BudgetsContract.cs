using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Tests.Serving;

/// <summary>What budgets promise on every database, across instances that know of each other only through it.</summary>
public abstract class BudgetsContract
{
    static readonly Spender Claims = new("claims-intake", "key:one", "answer"), Support = new("customer-support", "key:two", "answer");
    readonly ManualTimeProvider time = new();

    protected abstract Task<TestDatabase> OpenAsync(params MigrationSet[] migrations);

    async Task<Desk> OpenDeskAsync() => new(await OpenAsync(AuditTables, CostTables.Migrations), time);

    static MigrationSet AuditTables => GovernanceTables.Migrations;

    [Fact]
    public async Task A_call_is_refused_when_it_could_exceed_a_hard_budget_and_what_it_did_not_cost_can_be_spent_again()
    {
        await using var desk = await OpenDeskAsync();
        await desk.List.SetAsync(new("daily", BudgetWindow.Day) { Limit = 10 }, "owner", CancellationToken.None);
        var budgets = desk.Instance();
        using (var first = await budgets.ReserveAsync(Claims, 6, CancellationToken.None))
        {
            var refused = await Assert.ThrowsAsync<BudgetExceededException>(() => budgets.ReserveAsync(Support, 6, CancellationToken.None).AsTask());
            Assert.Equal(("daily", "all", 10m, new DateTimeOffset(2026, 3, 3, 0, 0, 0, TimeSpan.Zero)), (refused.BudgetId, refused.Scope, refused.Limit, refused.ResetsAt));
            first.Settle(1.5m);
            Assert.Throws<InvalidOperationException>(() => first.Settle(1));
        }

        using (var second = await budgets.ReserveAsync(Support, 8.5m, CancellationToken.None)) second.Settle(8.5m);
        await Assert.ThrowsAsync<BudgetExceededException>(() => budgets.ReserveAsync(Support, 0.000_000_001m, CancellationToken.None).AsTask());
        await desk.FlushAsync();
        Assert.Equal((10m, 0m), (await desk.StateAsync()) is var state ? (state.Spent, state.Leased) : default);
    }

    [Fact]
    public async Task Hundreds_of_concurrent_calls_of_several_instances_spend_a_budget_to_its_end_and_never_beyond()
    {
        await using var desk = await OpenDeskAsync();
        await desk.List.SetAsync(new("daily", BudgetWindow.Day) { Limit = 50 }, "owner", CancellationToken.None);
        var instances = Enumerable.Range(0, 4).Select(_ => desk.Instance()).ToList();
        var answered = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            try
            {
                using var reservation = await instances[i % instances.Count].ReserveAsync(i % 2 == 0 ? Claims : Support, 0.5m, CancellationToken.None);
                await Task.Yield();
                reservation.Settle(0.5m);
                return 1;
            }
            catch (BudgetExceededException)
            {
                return 0;
            }
        })));

        // Instances keep small leases until they are idle: those are what may be left, and it is given back.
        var spent = answered.Sum() * 0.5m;
        Assert.InRange(spent, 40, 50);
        for (; spent < 50; spent += 0.5m)
        {
            for (var second = 0; second < 3; second++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await desk.FlushAsync();
            }

            using var last = await instances[0].ReserveAsync(Claims, 0.5m, CancellationToken.None);
            last.Settle(0.5m);
        }

        await desk.FlushAsync();
        Assert.Equal((50m, 0m, 0m), (await desk.StateAsync()) is var state ? (state.Spent, state.Forfeited, state.Leased) : default);
        foreach (var instance in instances)
            await Assert.ThrowsAsync<BudgetExceededException>(() => instance.ReserveAsync(Claims, 0.5m, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task An_instance_that_dies_forfeits_its_lease_and_the_budget_is_not_overspent()
    {
        await using var desk = await OpenDeskAsync();
        await desk.List.SetAsync(new("daily", BudgetWindow.Day) { Limit = 64 }, "owner", CancellationToken.None);
        var (dying, living) = (desk.Instance(), desk.Instance());
        for (var i = 0; i < 10; i++)
            using (var call = await dying.ReserveAsync(Claims, 0.25m, CancellationToken.None)) call.Settle(0.25m);
        await desk.Ledger(dying).FlushAsync(CancellationToken.None);
        using (var call = await dying.ReserveAsync(Claims, 0.25m, CancellationToken.None)) call.Settle(0.25m);   // nobody will ever read of it
        await desk.KillAsync(dying);

        var spent = 2.75m;
        for (; ; spent += 0.25m)
        {
            try
            {
                using var call = await living.ReserveAsync(Claims, 0.25m, CancellationToken.None);
                call.Settle(0.25m);
            }
            catch (BudgetExceededException)
            {
                break;
            }
        }

        Assert.InRange(spent, 63m - 0.25m, 64m);   // a lease is at most a 64th of the budget
        time.Advance(TimeSpan.FromMinutes(2));
        await desk.FlushAsync();
        var state = await desk.StateAsync();
        Assert.InRange(state.Forfeited, 0.25m, 1m);
        Assert.Equal(64m, state.Spent + state.Forfeited + state.Leased);
    }

    [Fact]
    public async Task An_instance_that_was_only_asleep_gets_its_forfeited_lease_back()
    {
        await using var desk = await OpenDeskAsync();
        await desk.List.SetAsync(new("daily", BudgetWindow.Day) { Limit = 64 }, "owner", CancellationToken.None);
        var (asleep, awake) = (desk.Instance(new ManualTimeProvider()), desk.Instance());   // the one's clock stands still: it confirms nothing
        using var held = await asleep.ReserveAsync(Claims, 1, CancellationToken.None);
        using (await awake.ReserveAsync(Claims, 1, CancellationToken.None)) { }
        time.Advance(TimeSpan.FromMinutes(2));
        await desk.Ledger(awake).FlushAsync(CancellationToken.None);
        Assert.Equal(1m, (await desk.StateAsync()).Forfeited);
        held.Settle(0.5m);
        await desk.Ledger(asleep).FlushAsync(CancellationToken.None);
        Assert.Equal((0.5m, 0m), (await desk.StateAsync()) is var state ? (state.Spent, state.Forfeited) : default);
    }

    [Fact]
    public async Task A_clean_stop_gives_the_lease_back()
    {
        await using var desk = await OpenDeskAsync();
        await desk.List.SetAsync(new("daily", BudgetWindow.Day) { Limit = 64 }, "owner", CancellationToken.None);
        var instance = desk.Instance();
        using (var call = await instance.ReserveAsync(Claims, 0.5m, CancellationToken.None)) call.Settle(0.1m);
        await desk.StopAsync(instance);
        Assert.Equal((0.1m, 0m, 0m), (await desk.StateAsync()) is var state ? (state.Spent, state.Forfeited, state.Leased) : default);
    }

    [Fact]
    public async Task A_call_that_costs_more_than_was_set_aside_counts_in_full()
    {
        await using var desk = await OpenDeskAsync();
        await desk.List.SetAsync(new("daily", BudgetWindow.Day) { Limit = 2 }, "owner", CancellationToken.None);
        var instance = desk.Instance();
        using (var call = await instance.ReserveAsync(Claims, 2, CancellationToken.None)) call.Settle(2.5m);
        await desk.FlushAsync();
        Assert.Equal((2.5m, 0m), (await desk.StateAsync()) is var state ? (state.Spent, state.Leased) : default);
        await Assert.ThrowsAsync<BudgetExceededException>(() => instance.ReserveAsync(Claims, 0.1m, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task Every_budget_that_counts_a_call_must_cover_it()
    {
        await using var desk = await OpenDeskAsync();
        await desk.List.SetAsync(new("all", BudgetWindow.Month) { Limit = 100 }, "owner", CancellationToken.None);
        await desk.List.SetAsync(new("claims", BudgetWindow.Day) { App = "claims-intake", Limit = 1 }, "owner", CancellationToken.None);
        await desk.List.SetAsync(new("two", BudgetWindow.Day) { Principal = "key:two", Model = "answer", SoftLimit = 3 }, "owner", CancellationToken.None);
        var instance = desk.Instance();
        using (var call = await instance.ReserveAsync(Claims, 1, CancellationToken.None)) call.Settle(1);
        Assert.Equal("app claims-intake", (await Assert.ThrowsAsync<BudgetExceededException>(() => instance.ReserveAsync(Claims, 1, CancellationToken.None).AsTask())).Scope);
        using (var call = await instance.ReserveAsync(Support, 3, CancellationToken.None))
        {
            Assert.False(call.SoftExceeded);
            call.Settle(3);
        }

        using (var call = await instance.ReserveAsync(Support, 3, CancellationToken.None))
            Assert.True(call.SoftExceeded);
        await desk.FlushAsync();
        Assert.Equal([("all", 4m), ("claims", 1m), ("two", 3m)], (await desk.List.ListAsync(CancellationToken.None)).Select(s => (s.Budget.Id, s.Spent)));

        time.Advance(TimeSpan.FromDays(1));
        using (var call = await instance.ReserveAsync(Claims, 1, CancellationToken.None)) call.Settle(1);
        await desk.FlushAsync();
        Assert.Equal([("all", 5m), ("claims", 1m), ("two", 0m)], (await desk.List.ListAsync(CancellationToken.None)).Select(s => (s.Budget.Id, s.Spent)));
    }

    [Fact]
    public async Task Changed_limits_hold_in_every_instance_and_a_new_budget_counts_what_was_spent_before()
    {
        await using var desk = await OpenDeskAsync();
        var (one, other) = (desk.Instance(), desk.Instance());
        using (var call = await one.ReserveAsync(Claims, 3, CancellationToken.None)) call.Settle(3);
        desk.Ledger(one).Add(Claims, new ModelUsage(100, 10, Estimated: false, 3));
        await desk.FlushAsync();
        Assert.True(await desk.List.SetAsync(new("daily", BudgetWindow.Day) { App = "claims-intake", Limit = 4 }, "owner", CancellationToken.None));
        time.Advance(TimeSpan.FromSeconds(2));
        await desk.FlushAsync();
        await Assert.ThrowsAsync<BudgetExceededException>(() => other.ReserveAsync(Claims, 2, CancellationToken.None).AsTask());
        Assert.False(await desk.List.SetAsync(new("daily", BudgetWindow.Day) { App = "claims-intake", Limit = 5 }, "owner", CancellationToken.None));
        time.Advance(TimeSpan.FromSeconds(2));
        await desk.FlushAsync();
        using (var call = await other.ReserveAsync(Claims, 2, CancellationToken.None)) call.Settle(2);
        Assert.True(await desk.List.RemoveAsync("daily", "owner", CancellationToken.None));
        Assert.False(await desk.List.RemoveAsync("daily", "owner", CancellationToken.None));
        time.Advance(TimeSpan.FromSeconds(2));
        await desk.FlushAsync();
        using (await one.ReserveAsync(Claims, 1_000, CancellationToken.None)) { }
        Assert.Equal(["budget.set", "budget.set", "budget.removed"], (await desk.Audit.ReadAsync(0, 10, CancellationToken.None)).Select(r => r.Entry.Type));
    }

    [Fact]
    public async Task Costs_are_summed_by_app_principal_model_and_day()
    {
        await using var desk = await OpenDeskAsync();
        var ledgers = new[] { desk.Ledger(desk.Instance()), desk.Ledger(desk.Instance()) };
        Parallel.For(0, 1_000, i => ledgers[i % 2].Add(i % 4 == 0 ? Claims : Support, new ModelUsage(10, 2, Estimated: false, 0.000_000_5m)));
        time.Advance(TimeSpan.FromDays(1));
        ledgers[0].Add(Claims, new ModelUsage(1, 1, Estimated: true, null));
        await ledgers[1].FlushAsync(CancellationToken.None);
        var report = new CostReport(desk.Database, ledgers[0]);
        var (from, to) = (new DateOnly(2026, 3, 2), new DateOnly(2026, 3, 3));
        Assert.Equal([new("customer-support", 750, 7_500, 1_500, 0.000_375m), new("claims-intake", 251, 2_501, 501, 0.000_125m)], await report.SumAsync(CostsBy.App, from, to, CancellationToken.None));
        Assert.Equal(["key:two", "key:one"], (await report.SumAsync(CostsBy.Principal, from, to, CancellationToken.None)).Select(s => s.Name));
        Assert.Equal([("2026-03-02", 1_000L), ("2026-03-03", 1L)], (await report.SumAsync(CostsBy.Day, from, to, CancellationToken.None)).Select(s => (s.Name, s.Calls)));
        Assert.Equal(new CostSum("answer", 1, 1, 1, 0), Assert.Single(await report.SumAsync(CostsBy.Model, to, to, CancellationToken.None)));
    }

    /// <summary>A database and any number of instances over it.</summary>
    sealed class Desk(TestDatabase test, ManualTimeProvider time) : IAsyncDisposable
    {
        readonly Dictionary<Budgets, Ledger> ledgers = [];

        public Database Database => test.Database;

        public AuditLog Audit { get; } = new(test.Database);

        public BudgetList List => new(test.Database, Audit, time);

        public Budgets Instance(TimeProvider? clock = null)
        {
            var ledger = new Ledger(test.Database, clock ?? time, NullLogger<Ledger>.Instance);
            var budgets = new Budgets(ledger);
            ledgers[budgets] = ledger;
            return budgets;
        }

        public Ledger Ledger(Budgets budgets) => ledgers[budgets];

        public async Task KillAsync(Budgets budgets)
        {
            await Ledger(budgets).KillAsync();
            ledgers.Remove(budgets);
        }

        public async Task StopAsync(Budgets budgets)
        {
            await Ledger(budgets).DisposeAsync();
            ledgers.Remove(budgets);
        }

        public async Task FlushAsync()
        {
            foreach (var ledger in ledgers.Values)
                await ledger.FlushAsync(CancellationToken.None);
        }

        public async Task<BudgetState> StateAsync() => Assert.Single(await List.ListAsync(CancellationToken.None));

        public async ValueTask DisposeAsync()
        {
            foreach (var ledger in ledgers.Values)
                await ledger.DisposeAsync();
            await test.DisposeAsync();
        }
    }
}

public sealed class SqliteBudgetsTests : BudgetsContract
{
    protected override Task<TestDatabase> OpenAsync(params MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresBudgetsTests(PostgresServer server) : BudgetsContract
{
    protected override Task<TestDatabase> OpenAsync(params MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);
}
