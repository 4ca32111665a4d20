using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

public sealed class EventTests
{
    [Theory]
    [InlineData(Keeping.InMemory, "event")]
    [InlineData(Keeping.Replaying, "event")]
    [InlineData(Keeping.InMemory, "cancelled")]
    [InlineData(Keeping.Replaying, "cancelled")]
    [InlineData(Keeping.InMemory, "timeout")]
    [InlineData(Keeping.Replaying, "timeout")]
    public async Task A_wait_ends_with_the_event_the_timeout_or_the_callers_cancellation(Keeping keeping, string first)
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<string>("Wait", async context =>
        {
            using var stop = new CancellationTokenSource();
            var awaited = context.WaitForExternalEvent<string>("answer", TimeSpan.FromDays(7), stop.Token);
            var other = context.WaitForExternalEvent<string>("stop");
            if (await Task.WhenAny(awaited, other) == other)
                stop.Cancel();
            try
            {
                return await awaited;
            }
            catch (OperationCanceledException)
            {
                return other.IsCompleted ? "cancelled" : "timeout";
            }
        }), clock);

        var id = await engine.BeginAsync("Wait");
        if (first == "timeout")
            clock.Advance(TimeSpan.FromDays(7));
        else
            await engine.Client.RaiseEventAsync(id, first == "event" ? "answer" : "stop", "event");

        Assert.Equal(first, (await engine.EndOf(id)).ReadOutputAs<string>());
    }

    [Theory, EveryKeeping]
    public async Task A_hundred_events_awaited_at_once_each_reach_their_own_waiter(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<int[]>("Gather", context =>
            Task.WhenAll(Enumerable.Range(0, 100).Select(i => context.WaitForExternalEvent<int>($"Event{i}")))));

        var id = await engine.BeginAsync("Gather");
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => engine.Client.RaiseEventAsync(id, $"event{i}", i)));

        Assert.Equal(Enumerable.Range(0, 100), (await engine.EndOf(id)).ReadOutputAs<int[]>()!);
    }

    [Fact]
    public async Task An_event_without_payload_is_the_default_of_its_type()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks.AddOrchestratorFunc<string>("Wait", async context =>
            $"{await context.WaitForExternalEvent<int>("number")} {await context.WaitForExternalEvent<string?>("text") ?? "null"}"));

        var id = await engine.BeginAsync("Wait");
        await engine.Client.RaiseEventAsync(id, "number");
        await engine.Client.RaiseEventAsync(id, "text");

        Assert.Equal("0 null", (await engine.EndOf(id)).ReadOutputAs<string>());
    }

    [Theory, EveryKeeping]
    public async Task What_ends_while_an_instance_is_suspended_is_handed_to_it_in_order_when_it_is_resumed(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<List<string>>("Wait", async context =>
            {
                var seen = new List<string>();
                var timer = context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
                seen.Add(await context.WaitForExternalEvent<string>("e"));
                seen.Add(await context.WaitForExternalEvent<string>("e"));
                await timer;
                seen.Add(await context.CallActivityAsync<string>("Name"));
                return seen;
            })
            .AddActivityFunc("Name", context => context.Name.Name), clock);

        var id = await engine.BeginAsync("Wait");
        await engine.Client.SuspendInstanceAsync(id);
        await engine.UntilAsync(id, seen => seen.RuntimeStatus == OrchestrationRuntimeStatus.Suspended);
        clock.Advance(TimeSpan.FromHours(2));
        await engine.Client.RaiseEventAsync(id, "e", "first");
        await engine.Client.RaiseEventAsync(id, "e", "second");
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await engine.Client.ResumeInstanceAsync(id);

        Assert.Equal(["first", "second", "Name"], (await engine.EndOf(id)).ReadOutputAs<List<string>>()!);
    }

    [Fact]
    public async Task Waiting_for_an_instance_that_does_not_exist_yet_ends_when_it_does()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks.AddOrchestratorFunc("Empty", _ => Task.FromResult("done")));

        var start = engine.StartOf("later");
        var end = engine.EndOf("later");
        Assert.False(start.IsCompleted || end.IsCompleted);
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("Empty", new StartOrchestrationOptions("later"));

        Assert.NotEqual(OrchestrationRuntimeStatus.Pending, (await start).RuntimeStatus);
        Assert.Equal("done", (await end).ReadOutputAs<string>());
    }
}
