using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Durable;

public sealed class SubOrchestrationTests
{
    [Theory, EveryKeeping]
    public async Task Sub_orchestrations_nest_and_answer(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<int, int>("Nest", async (context, depth) =>
            5 + (depth < 3 ? await context.CallSubOrchestratorAsync<int>("Nest", depth + 1) : 0)));

        Assert.Equal(15, await engine.RunAsync<int>("Nest", 1));
    }

    [Theory, EveryKeeping]
    public async Task A_child_knows_its_parent_and_carries_its_tags(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Parent", context => context.CallSubOrchestratorAsync<string>(
                "Child", new SubOrchestrationOptions(instanceId: "the-child") { Tags = new Dictionary<string, string> { ["colour"] = "blue" } }))
            .AddOrchestratorFunc("Child", context => $"{context.Parent!.Name}/{context.Parent.InstanceId}/{context.InstanceId}"));

        var parent = await engine.RunAsync("Parent");

        Assert.Equal($"Parent/{parent.InstanceId}/the-child", parent.ReadOutputAs<string>());
        Assert.Equal("blue", (await engine.EndOf("the-child")).Tags["colour"]);
    }

    [Theory, EveryKeeping]
    public async Task A_start_without_a_name_fails_whoever_makes_it_and_nobody_else(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<int>("Parent", context => context.CallSubOrchestratorAsync<int>(default))
            .AddOrchestratorFunc("Bystander", context => context.InstanceId)
            .AddEntity<Starter>("starter"));

        var failed = await engine.RunAsync("Parent");

        Assert.Equal(OrchestrationRuntimeStatus.Failed, failed.RuntimeStatus);
        Assert.Contains("needs a name", failed.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        await engine.Client.Entities.SignalEntityAsync(new EntityInstanceId("starter", "1"), "Start", cancellation: TestContext.Current.CancellationToken);
        for (var i = 0; i < 20; i++)
            Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.RunAsync("Bystander")).RuntimeStatus);
    }

    sealed class Starter : TaskEntity<int>
    {
        public void Start() => Context.ScheduleNewOrchestration(default);
    }

    [Theory, EveryKeeping]
    public async Task A_failed_child_with_a_chosen_id_is_tried_again_under_that_id(Keeping keeping)
    {
        var runs = 0;
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Parent", context => context.CallSubOrchestratorAsync<string>(
                "Child", new SubOrchestrationOptions(new RetryPolicy(3, TimeSpan.FromMilliseconds(1)), "again")))
            .AddOrchestratorFunc("Child", _ => Interlocked.Increment(ref runs) == 2 ? "second" : throw new TimeoutException("first")));

        Assert.Equal("second", await engine.RunAsync<string>("Parent"));
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.EndOf("again")).RuntimeStatus);
    }

    [Fact]
    public async Task A_child_whose_id_is_taken_by_a_running_instance_fails_its_call()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Wait", context => context.WaitForExternalEvent<object>("never"))
            .AddOrchestratorFunc("Parent", context => context.CallSubOrchestratorAsync("Wait", new SubOrchestrationOptions(instanceId: "taken"))));
        await engine.BeginAsync("Wait", options: new StartOrchestrationOptions("taken"));

        Assert.Equal("OrchestrationAlreadyExists", (await engine.RunAsync("Parent")).FailureDetails!.InnerFailure!.ErrorType);
    }

    [Theory, EveryKeeping]
    public async Task Continue_as_new_starts_over_with_the_new_input(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<int, int>("Count", async (context, count) =>
        {
            await context.CreateTimer(TimeSpan.Zero, CancellationToken.None);
            if (count < 10)
                context.ContinueAsNew(count + 1);
            return count;
        }));

        var end = await engine.RunAsync("Count", 0);

        Assert.Equal((10, 10), (end.ReadOutputAs<int>(), end.ReadInputAs<int>()));
    }

    [Theory, EveryKeeping]
    public async Task Continue_as_new_can_change_the_version(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<int, string>("Migrate", (context, generation) =>
        {
            if (generation == 0)
                context.ContinueAsNew(new ContinueAsNewOptions { NewInput = 1, NewVersion = "2.0" });
            return context.Version;
        }));

        Assert.Equal("2.0", await engine.RunAsync<string>("Migrate", 0));
    }

    [Theory]
    [InlineData(Keeping.InMemory, true)]
    [InlineData(Keeping.Replaying, true)]
    [InlineData(Keeping.InMemory, false)]
    [InlineData(Keeping.Replaying, false)]
    public async Task Events_nobody_waited_for_go_to_the_next_execution_only_when_it_is_asked_for(Keeping keeping, bool preserve)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<int, List<string>>("Carry", async (context, generation) =>
        {
            if (generation == 0)
            {
                await context.WaitForExternalEvent<object>("go");
                context.ContinueAsNew(1, preserve);
                return [];
            }
            context.SetCustomStatus("second");
            await context.WaitForExternalEvent<object>("finish");
            var seen = new List<string>();
            for (var next = context.WaitForExternalEvent<string>("kept"); next.IsCompleted; next = context.WaitForExternalEvent<string>("kept"))
                seen.Add(await next);
            return seen;
        }));

        var id = await engine.BeginAsync("Carry", 0);
        await engine.Client.RaiseEventAsync(id, "kept", "one");
        await engine.Client.RaiseEventAsync(id, "kept", "two");
        await engine.Client.RaiseEventAsync(id, "go");
        await engine.UntilAsync(id, seen => seen.ReadCustomStatusAs<string>() == "second");
        await engine.Client.RaiseEventAsync(id, "finish");

        Assert.Equal(preserve ? ["one", "two"] : [], (await engine.EndOf(id)).ReadOutputAs<List<string>>());
    }

    [Fact]
    public async Task An_answer_to_an_earlier_execution_reaches_nobody()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks.AddOrchestratorFunc<int, bool>("Twice", (context, generation) =>
        {
            var id = context.NewGuid();
            if (generation < 3)
                context.ContinueAsNew(generation + 1);
            return Task.FromResult(id != Guid.Empty);
        }));

        Assert.True(await engine.RunAsync<bool>("Twice", 0));
    }
}
