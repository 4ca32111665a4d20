using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

public sealed class TimerAndEventTests
{
    [Theory, EveryKeeping]
    public async Task A_timer_of_ten_days_fires_when_the_clock_gets_there_and_not_before(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<DateTime>("Sleep", async context =>
        {
            await context.CreateTimer(TimeSpan.FromDays(10), CancellationToken.None);
            return context.CurrentUtcDateTime;
        }), clock);
        var start = clock.GetUtcNow();

        var id = await engine.BeginAsync("Sleep");
        clock.Advance(TimeSpan.FromDays(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(OrchestrationRuntimeStatus.Running, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(start.AddDays(10).UtcDateTime, (await engine.EndOf(id)).ReadOutputAs<DateTime>());
    }

    [Theory, EveryKeeping]
    public async Task Timers_fire_in_the_order_of_their_times(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<List<int>>("Order", async context =>
        {
            var waits = new Dictionary<Task, int>();
            foreach (var milliseconds in new[] { 60, 10, 30 })
                waits[context.CreateTimer(TimeSpan.FromMilliseconds(milliseconds), CancellationToken.None)] = milliseconds;
            var order = new List<int>();
            while (waits.Count > 0)
            {
                var fired = await Task.WhenAny(waits.Keys);
                waits.Remove(fired, out var milliseconds);
                order.Add(milliseconds);
            }
            return order;
        }));

        Assert.Equal([10, 30, 60], await engine.RunAsync<List<int>>("Order"));
    }

    [Theory, EveryKeeping]
    public async Task A_cancelled_timer_holds_nobody_up(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<string>("Race", async context =>
        {
            using var stop = new CancellationTokenSource();
            var late = context.CreateTimer(TimeSpan.FromDays(1), stop.Token);
            var arrived = context.WaitForExternalEvent<string>("go");
            if (await Task.WhenAny(late, arrived) == late)
                return "late";
            stop.Cancel();
            Assert.True(late.IsCanceled);
            return await arrived;
        }), clock);

        var id = await engine.BeginAsync("Race");
        await engine.Client.RaiseEventAsync(id, "go", "in time");

        Assert.Equal("in time", (await engine.EndOf(id)).ReadOutputAs<string>());
    }

    [Theory, EveryKeeping]
    public async Task An_event_that_does_not_come_is_a_cancelled_task_and_one_that_comes_is_its_payload(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<string>("Ask", async context =>
        {
            try
            {
                return await context.WaitForExternalEvent<string>("answer", TimeSpan.FromHours(4));
            }
            catch (OperationCanceledException)
            {
                return "expired";
            }
        }), clock);

        var (answered, silent) = (await engine.BeginAsync("Ask"), await engine.BeginAsync("Ask"));
        await engine.Client.RaiseEventAsync(answered, "ANSWER", "yes");
        Assert.Equal("yes", (await engine.EndOf(answered)).ReadOutputAs<string>());
        clock.Advance(TimeSpan.FromHours(4));
        Assert.Equal("expired", (await engine.EndOf(silent)).ReadOutputAs<string>());
    }

    [Theory, EveryKeeping]
    public async Task Events_that_come_before_anybody_waits_are_kept_in_order_whatever_the_case_of_their_name(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<List<int>>("Collect", async context =>
        {
            await context.WaitForExternalEvent<object>("begin");
            var seen = new List<int>();
            for (var i = 0; i < 5; i++)
                seen.Add(await context.WaitForExternalEvent<int>("number"));
            return seen;
        }));

        var id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("Collect");
        for (var i = 0; i < 5; i++)
            await engine.Client.RaiseEventAsync(id, i % 2 == 0 ? "Number" : "NUMBER", i);
        await engine.Client.RaiseEventAsync(id, "Begin");

        Assert.Equal([0, 1, 2, 3, 4], (await engine.EndOf(id)).ReadOutputAs<List<int>>());
    }

    [Theory, EveryKeeping]
    public async Task Of_several_waiters_the_latest_is_served_first(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<string[]>("Wait", async context =>
        {
            var (first, second, third) = (context.WaitForExternalEvent<string>("e"), context.WaitForExternalEvent<string>("e"), context.WaitForExternalEvent<string>("e"));
            return await Task.WhenAll(first, second, third);
        }));

        var id = await engine.BeginAsync("Wait");
        foreach (var letter in new[] { "a", "b", "c" })
            await engine.Client.RaiseEventAsync(id, "e", letter);

        Assert.Equal(["c", "b", "a"], (await engine.EndOf(id)).ReadOutputAs<List<string>>());
    }

    [Theory, EveryKeeping]
    public async Task A_waiter_that_gave_up_swallows_no_event(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<string>("Patient", async context =>
        {
            try
            {
                await context.WaitForExternalEvent<string>("e", TimeSpan.FromMinutes(1));
            }
            catch (OperationCanceledException)
            {
                context.SetCustomStatus("gave up");
            }
            await context.WaitForExternalEvent<object>("go");
            return await context.WaitForExternalEvent<string>("e");
        }), clock);

        var id = await engine.BeginAsync("Patient");
        clock.Advance(TimeSpan.FromMinutes(1));
        await engine.UntilAsync(id, seen => seen.ReadCustomStatusAs<string>() == "gave up");
        await engine.Client.RaiseEventAsync(id, "e", "kept");
        await engine.Client.RaiseEventAsync(id, "go");

        Assert.Equal("kept", (await engine.EndOf(id)).ReadOutputAs<string>());
    }

    [Theory, EveryKeeping]
    public async Task An_orchestration_sends_events_to_another_and_to_itself(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Receive", context => context.WaitForExternalEvent<string>("greeting"))
            .AddOrchestratorFunc<string, string>("Send", async (context, target) =>
            {
                context.SendEvent(target, "greeting", "hello");
                context.SendEvent(context.InstanceId, "self", "me too");
                context.SendEvent("nobody", "greeting", "lost");
                return await context.WaitForExternalEvent<string>("self");
            }));

        var receiver = await engine.BeginAsync("Receive");

        Assert.Equal("me too", await engine.RunAsync<string>("Send", receiver));
        Assert.Equal("hello", (await engine.EndOf(receiver)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_event_to_nobody_and_to_one_that_is_over_is_dropped_without_error()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks.AddOrchestratorFunc("Empty", _ => Task.FromResult(1)));
        var over = (await engine.RunAsync("Empty")).InstanceId;

        await engine.Client.RaiseEventAsync("nobody", "e", 1);
        await engine.Client.RaiseEventAsync(over, "e", 1);

        Assert.Null(await engine.Client.GetInstanceAsync("nobody"));
        Assert.Equal(1, (await engine.EndOf(over)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_scheduled_start_waits_for_its_time_and_keeps_what_comes_before()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks
            .AddOrchestratorFunc<string>("Later", context => context.WaitForExternalEvent<string>("early")), clock);

        var id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("Later", new StartOrchestrationOptions(StartAt: clock.GetUtcNow().AddHours(2)));
        await engine.Client.RaiseEventAsync(id, "early", "bird");
        Assert.Equal(OrchestrationRuntimeStatus.Pending, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
        clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal("bird", (await engine.EndOf(id)).ReadOutputAs<string>());
    }
}
