using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Durable;

/// <summary>Much at once, and much in one piece.</summary>
public sealed class BulkTests
{
    static readonly string large = new string('x', 1_000_000) + "Grüße, 世界, 🦉";

    [Theory, EveryKeeping]
    public async Task A_megabyte_passes_as_event_status_state_and_through_children_and_continue_as_new(Keeping keeping)
    {
        var entity = new EntityInstanceId("keeper", "1");
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string?, string>("Pass", async (context, carried) =>
            {
                if (carried is null)
                {
                    context.ContinueAsNew(await context.WaitForExternalEvent<string>("large"));
                    return "";
                }
                context.SetCustomStatus(carried);
                await context.Entities.CallEntityAsync(entity, "Set", carried);
                return await context.CallSubOrchestratorAsync<string>("Child", await context.Entities.CallEntityAsync<string>(entity, "Get"));
            })
            .AddOrchestratorFunc<string, string>("Child", (_, text) => text)
            .AddEntity<Keeper>("Keeper"));

        var id = await engine.BeginAsync("Pass");
        await engine.Client.RaiseEventAsync(id, "large", large);
        var end = await engine.EndOf(id);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.True(large == end.ReadOutputAs<string>() && large == end.ReadInputAs<string>() && large == end.ReadCustomStatusAs<string>());
        Assert.True(large == (await engine.Client.Entities.GetEntityAsync<string>(entity))!.State);
    }

    [Fact]
    public async Task Nine_megabytes_pass_as_the_output_of_a_termination_and_in_a_listing()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks.AddOrchestratorFunc<string, string>("Wait", (context, _) => context.WaitForExternalEvent<string>("never")));
        var huge = new string('x', 9_000_000);
        var id = await engine.BeginAsync("Wait", huge);

        await engine.Client.TerminateInstanceAsync(id, (object)huge);
        await engine.EndOf(id);

        var listed = Assert.Single(engine.Client.GetAllInstancesAsync(new OrchestrationQuery(FetchInputsAndOutputs: true)).ToBlockingEnumerable());
        Assert.True(huge == listed.ReadInputAs<string>() && huge == listed.ReadOutputAs<string>());
    }

    [Theory, EveryKeeping]
    public async Task Hundreds_of_tasks_of_every_kind_begun_in_one_step_all_answer(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<int>("Mix", async context =>
            {
                var numbers = Enumerable.Range(0, 100).SelectMany(i => new[]
                {
                    context.CallActivityAsync<int>("One"), context.CallSubOrchestratorAsync<int>("Child", i), After(context.CreateTimer(TimeSpan.FromMilliseconds(i % 7), CancellationToken.None)),
                    context.Entities.CallEntityAsync<int>(new EntityInstanceId("adder", $"{i % 5}"), "Add", 1),
                }).ToList();
                await Task.WhenAll(numbers);
                return numbers.Count(n => n.Result > 0);

                static async Task<int> After(Task timer)
                {
                    await timer;
                    return 1;
                }
            })
            .AddOrchestratorFunc<int, int>("Child", (_, i) => i + 1)
            .AddActivityFunc("One", _ => 1)
            .AddEntity<Adder>("Adder"));

        Assert.Equal(400, await engine.RunAsync<int>("Mix"));
    }

    [Theory, EveryKeeping]
    public async Task Instances_whose_timers_fall_on_one_instant_all_go_on(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        var due = clock.GetUtcNow().AddHours(1).UtcDateTime;
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc("Sleep", async context =>
            {
                await context.CreateTimer(due, CancellationToken.None);
                await context.CreateTimer(due.AddHours(-2), CancellationToken.None);   // long past: fires at once
            }), clock);

        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => engine.BeginAsync("Sleep")));
        clock.Advance(TimeSpan.FromHours(1));

        foreach (var id in ids)
            Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.EndOf(id)).RuntimeStatus);
    }

    [Theory, EveryKeeping]
    public async Task Many_instances_continue_as_new_side_by_side_with_activities_and_timers_in_each_round(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<int, int>("Round", async (context, round) =>
            {
                await Task.WhenAll(context.CallActivityAsync("Nothing"), context.CallActivityAsync("Nothing"), context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None));
                if (round < 15)
                    context.ContinueAsNew(round + 1);
                return round;
            })
            .AddActivityFunc("Nothing", _ => { }));

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => engine.RunAsync<int>("Round", 0))), rounds => Assert.Equal(15, rounds));
    }

    public sealed class Keeper : TaskEntity<string>
    {
        public void Set(string to) => State = to;

        public string Get() => State;

        protected override string InitializeState(TaskEntityOperation entityOperation) => "";
    }

    public sealed class Adder : TaskEntity<int>
    {
        public int Add(int by) => State += by;
    }
}
