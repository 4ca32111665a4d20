using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

/// <summary>What the engine writes, and when: fewer transactions are faster, fewer than these would be a promise broken.</summary>
public sealed class TransactionTests
{
    [Fact]
    public async Task A_start_is_one_transaction_with_its_first_turn_and_each_answer_is_one_more()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Count);

        // Who waits before it starts has no need to look at the tables, which would count too.
        var end = engine.EndOf("count");
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("Count", null, new StartOrchestrationOptions("count"));
        Assert.Equal(3, (await end).ReadOutputAs<int>());

        Assert.Equal((4, 4), (engine.Engine.Counts.Commits, engine.Engine.Counts.Changes));
    }

    [Fact]
    public async Task Of_many_starts_of_one_id_one_is_begun_and_the_others_are_refused()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks
            .AddOrchestratorFunc("Wait", context => context.WaitForExternalEvent<string>("go", CancellationToken.None)));
        var starts = Enumerable.Range(0, 20).Select(_ => Task.Run(() =>
            engine.Client.ScheduleNewOrchestrationInstanceAsync("Wait", null, new StartOrchestrationOptions("one")))).ToList();

        await Task.WhenAll(starts).ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(TestEngine.Patience, TestContext.Current.CancellationToken);

        _ = Assert.Single(starts, start => start.IsCompletedSuccessfully);
        await engine.Client.RaiseEventAsync("one", "go", "now", TestContext.Current.CancellationToken);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.EndOf("one")).RuntimeStatus);
    }

    [Fact]
    public async Task An_orchestrator_sees_nothing_of_the_flow_of_who_starts_it()
    {
        var flow = new AsyncLocal<string>();
        var seen = new List<string?>();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks
            .AddOrchestratorFunc("Look", async context =>
            {
                seen.Add(flow.Value);
                await context.CallActivityAsync("Nothing");
                seen.Add(flow.Value);
            })
            .AddActivityFunc("Nothing", _ => { }));
        flow.Value = "the caller's";

        await engine.EndOf(await engine.BeginAsync("Look"));

        Assert.All(seen, Assert.Null);
        Assert.NotEmpty(seen);
    }

    static void Count(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc<int>("Count", async context =>
        {
            var number = 0;
            for (var step = 0; step < 3; step++)
                number = await context.CallActivityAsync<int>("Increment", number);
            return number;
        })
        .AddActivityFunc<int, int>("Increment", (_, number) => number + 1);
}
