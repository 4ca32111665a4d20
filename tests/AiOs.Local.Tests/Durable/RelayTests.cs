using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

/// <summary>Work goes on on the thread that made it possible, but never behind code that may wait for it.</summary>
public sealed class RelayTests
{
    [Theory, EveryKeeping]
    public async Task An_activity_may_keep_its_thread_until_what_it_started_is_over(Keeping keeping)
    {
        TestEngine? engine = null;
        await using var started = engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Inner", context => context.CallActivityAsync<string>("Work"))
            .AddOrchestratorFunc<string>("Outer", context => context.CallActivityAsync<string>("Start and wait"))
            .AddActivityFunc<string>("Work", _ => "done")
            .AddActivityFunc<string>("Start and wait", _ => EndOf(engine!, engine!.Client.ScheduleNewOrchestrationInstanceAsync("Inner").GetAwaiter().GetResult())));
        await CalmAsync(engine);

        Assert.Equal("done", await engine.RunAsync<string>("Outer"));
    }

    [Theory, EveryKeeping]
    public async Task An_activity_may_keep_its_thread_until_an_instance_is_over_whose_activity_it_let_go_on(Keeping keeping)
    {
        TestEngine? engine = null;
        var gate = new TaskCompletionSource<string>();
        await using var started = engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Inner", _ => Task.FromResult("done"))
            .AddOrchestratorFunc<string>("Waiting", context => context.CallActivityAsync<string>("Wait"))
            .AddOrchestratorFunc<string>("Opening", context => context.CallActivityAsync<string>("Open and wait"))
            .AddActivityFunc<string>("Wait", async _ => await gate.Task)
            .AddActivityFunc<string>("Open and wait", _ =>
            {
                gate.SetResult("opened");
                return EndOf(engine!, "waiting");
            }));
        await CalmAsync(engine);
        await engine.BeginAsync("Waiting", null, new StartOrchestrationOptions("waiting"));

        Assert.Equal("opened", await engine.RunAsync<string>("Opening"));
    }

    // Changes that come one at a time are written on the thread that brings them.
    static async Task CalmAsync(TestEngine engine)
    {
        for (var i = 0; i < 30; i++)
            await engine.RunAsync("Inner");
    }

    static string EndOf(TestEngine engine, string id) =>
        engine.Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true).WaitAsync(TestEngine.Patience).GetAwaiter().GetResult().ReadOutputAs<string>()!;
}
