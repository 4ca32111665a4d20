using System.Collections.Concurrent;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Determinism;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Durable;

/// <summary>Whatever waits, waits on the one clock: a month passes as fast as the work in it.</summary>
public sealed class VirtualTimeTests
{
    /// <summary>Moves the clock in steps until the instance has ended. The pause between them lets the engine work; it is no part of the time that passes.</summary>
    static async Task<OrchestrationMetadata> EndAsync(TestEngine engine, ManualTimeProvider clock, string id, TimeSpan step)
    {
        var end = engine.EndOf(id);
        while (!end.IsCompleted)
        {
            clock.Advance(step);
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None));
        }
        return await end;
    }

    [Theory, EveryKeeping]
    public async Task A_month_of_daily_work_passes_and_every_day_has_its_date(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        var first = clock.GetUtcNow().UtcDateTime;
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<DateTime, List<DateTime>>("Month", async (context, start) =>
            {
                var days = new List<DateTime>();
                for (var day = 1; day <= 30; day++)
                {
                    await context.CreateTimer(start.AddDays(day), CancellationToken.None);
                    days.Add(context.CurrentUtcDateTime);
                    await context.CallActivityAsync("Report");
                }
                return days;
            })
            .AddActivityFunc("Report", _ => { }), clock);

        var id = await engine.BeginAsync("Month", first);
        var days = (await EndAsync(engine, clock, id, TimeSpan.FromHours(6))).ReadOutputAs<List<DateTime>>()!;

        Assert.Equal(30, days.Count);
        Assert.All(days.Index(), day => Assert.True(day.Item >= first.AddDays(day.Index + 1), $"Day {day.Index} came early: {day.Item:O}"));
    }

    [Fact]
    public async Task A_timer_beyond_every_real_timer_fires_on_its_day()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks.AddOrchestratorFunc<DateTime>("Decade", async context =>
        {
            await context.CreateTimer(TimeSpan.FromDays(3653), CancellationToken.None);
            return context.CurrentUtcDateTime;
        }), clock);
        var due = clock.GetUtcNow().AddDays(3653).UtcDateTime;

        var id = await engine.BeginAsync("Decade");
        clock.Advance(TimeSpan.FromDays(3652));
        Assert.Equal(OrchestrationRuntimeStatus.Running, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(due, (await engine.EndOf(id)).ReadOutputAs<DateTime>());
    }

    [Theory, EveryKeeping]
    public async Task Retries_pause_on_the_clock_and_longer_each_time(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        var attempts = new ConcurrentQueue<DateTimeOffset>();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Insist", context =>
                context.CallActivityAsync<string>("Flaky", TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromHours(1), 2.0, TimeSpan.FromHours(6)))))
            .AddActivityFunc<string>("Flaky", _ =>
            {
                attempts.Enqueue(clock.GetUtcNow());
                return attempts.Count == 5 ? "at last" : throw new InvalidOperationException("not yet");
            }), clock);

        var id = await engine.BeginAsync("Insist");
        Assert.Equal("at last", (await EndAsync(engine, clock, id, TimeSpan.FromMinutes(10))).ReadOutputAs<string>());

        var times = attempts.ToList();
        TimeSpan[] least = [TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(6)];
        Assert.All(least.Index(), pause => Assert.True(times[pause.Index + 1] - times[pause.Index] >= pause.Item, $"Attempt {pause.Index + 2} came early."));
    }

    [Fact]
    public async Task A_later_signal_and_a_later_start_come_when_the_clock_gets_there()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { TimeProvider = clock, Determinism = DeterminismChecks.Replay }, tasks => tasks
            .AddOrchestratorFunc<DateTime>("Look", context => Task.FromResult(context.CurrentUtcDateTime))
            .AddEntity<Bell>("bell"));
        var (bell, due) = (new EntityInstanceId("bell", "1"), clock.GetUtcNow().AddDays(30));
        await engine.Client.Entities.SignalEntityAsync(bell, "ring", input: null, new SignalEntityOptions { SignalTime = due }, TestContext.Current.CancellationToken);
        var id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("Look", new StartOrchestrationOptions(StartAt: due));

        clock.Advance(TimeSpan.FromDays(29));
        Assert.Equal(OrchestrationRuntimeStatus.Pending, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
        Assert.Equal(0, (await engine.Client.Entities.GetEntityAsync<int>(bell))?.State ?? 0);
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(due.UtcDateTime, (await engine.EndOf(id)).ReadOutputAs<DateTime>());
        using var late = new CancellationTokenSource(TestEngine.Patience);
        while ((await engine.Client.Entities.GetEntityAsync<int>(bell, late.Token))?.State != 1)
            await Task.Yield();
    }

    sealed class Bell : TaskEntity<int>
    {
        public void Ring() => State++;
    }
}
