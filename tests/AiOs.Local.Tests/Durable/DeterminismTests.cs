using AiOs.Local.Durable;
using AiOs.Local.Durable.Determinism;
using AiOs.Local.Durable.Orchestrations;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

public sealed class DeterminismTests
{
    [Fact]
    public async Task Code_that_does_something_else_than_its_history_fails_and_says_what()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        await using (var before = await TestEngine.StartAsync(options, tasks => tasks
            .AddOrchestratorFunc("Charge", async context =>
            {
                await context.CallActivityAsync("Reserve");
                await context.WaitForExternalEvent<object>("go");
            })
            .AddActivityFunc("Reserve", _ => { })))
        {
            var id = await before.BeginAsync("Charge", options: new StartOrchestrationOptions("c-1"));
            await before.UntilAsync(id, _ => before.Engine.Store.Commits.Counts.Changes >= 2);
        }

        await using var after = await TestEngine.StartAsync(options, tasks => tasks
            .AddOrchestratorFunc("Charge", async context =>
            {
                await context.CreateTimer(TimeSpan.FromDays(1), CancellationToken.None);
                await context.WaitForExternalEvent<object>("go");
            }));
        await after.Client.RaiseEventAsync("c-1", "go");
        var failure = (await after.EndOf("c-1")).FailureDetails!;

        Assert.Equal(typeof(NonDeterministicOrchestrationException).FullName, failure.ErrorType);
        foreach (var part in new[] { "'Charge'", "'c-1'", "at event 2, decision number 0", "Expected: activity 'Reserve'", "Came: a timer", "context.CurrentUtcDateTime" })
            Assert.Contains(part, failure.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_changed_code_decides_at_its_replay_does_not_happen()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        await using (var before = await TestEngine.StartAsync(options, tasks => tasks
            .AddOrchestratorFunc("Wait", async context =>
            {
                await context.CreateTimer(TimeSpan.FromDays(1), CancellationToken.None);
            })))
            await before.BeginAsync("Wait", options: new StartOrchestrationOptions("w-1"));

        await using var after = await TestEngine.StartAsync(options, tasks => tasks
            .AddOrchestratorFunc("Wait", async context => await context.CallSubOrchestratorAsync("Child", new SubOrchestrationOptions(instanceId: "never-started")))
            .AddOrchestratorFunc("Child", _ => { }));
        await after.Client.RaiseEventAsync("w-1", "go");

        Assert.Equal(typeof(NonDeterministicOrchestrationException).FullName, (await after.EndOf("w-1")).FailureDetails!.ErrorType);
        Assert.Null(await after.Client.GetInstanceAsync("never-started"));
    }

    [Fact]
    public async Task An_instance_whose_code_has_changed_can_still_be_terminated()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        await using (var before = await TestEngine.StartAsync(options, tasks => tasks
            .AddOrchestratorFunc("Sleep", context => context.CreateTimer(TimeSpan.FromDays(1), CancellationToken.None))))
            await before.BeginAsync("Sleep", options: new StartOrchestrationOptions("s-1"));

        await using var after = await TestEngine.StartAsync(options, tasks => tasks.AddOrchestratorFunc("Sleep", context => context.WaitForExternalEvent<object>("other")));
        await after.Client.TerminateInstanceAsync("s-1");

        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await after.EndOf("s-1")).RuntimeStatus);
    }

    [Theory]
    [InlineData("Delay", Keeping.InMemory)]
    [InlineData("Delay", Keeping.Replaying)]
    [InlineData("Run", Keeping.InMemory)]
    [InlineData("Forever", Keeping.InMemory)]
    [InlineData("OtherThread", Keeping.InMemory)]
    [InlineData("TimedToken", Keeping.InMemory)]
    [InlineData("TimedToken", Keeping.Replaying)]
    public async Task An_orchestrator_that_leaves_its_context_fails_and_is_told_what_to_use(string orchestrator, Keeping keeping)
    {
        // What is not the context's comes when the turn is over for certain: its time passes only then.
        var outside = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Unread(keeping), tasks => tasks
            .AddOrchestratorFunc("Delay", async context =>
            {
                var deadline = context.CreateTimer(TimeSpan.FromDays(1), CancellationToken.None);
                await Task.WhenAny(deadline, Task.Delay(TimeSpan.FromMilliseconds(5), outside, CancellationToken.None));
            })
            .AddOrchestratorFunc<int>("Run", async _ => await Task.Run(async () =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), outside, CancellationToken.None);
                return 1;
            }))
            .AddOrchestratorFunc("Forever", async _ => await new TaskCompletionSource().Task)
            .AddOrchestratorFunc("OtherThread", async context => await Task.Run(() => context.CallActivityAsync("Nothing")))
            .AddOrchestratorFunc("TimedToken", async context =>
            {
                using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(5), outside);
                await context.CreateTimer(TimeSpan.FromDays(1), soon.Token);
            })
            .AddActivityFunc("Nothing", _ => { }));

        var id = await engine.BeginAsync(orchestrator);
        outside.Advance(TimeSpan.FromMilliseconds(5));
        var failure = (await engine.EndOf(id)).FailureDetails!;

        foreach (var part in new[] { $"'{orchestrator}'", "at event 1, the start", "Expected: that it awaits only tasks of its context", "Came: ", "context.CreateTimer instead of Task.Delay" })
            Assert.Contains(part, failure.ErrorMessage, StringComparison.Ordinal);
    }

    // What is found out while it runs: the code is not read before.
    static DurableEngineOptions Unread(Keeping keeping) => new() { WarmInstances = keeping == Keeping.Replaying ? 0 : 100, Determinism = DeterminismChecks.Off };

    [Theory, EveryKeeping]
    public async Task Awaiting_without_the_context_is_harmless(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<int>("Plain", async context =>
            {
                var sum = 0;
                for (var i = 0; i < 5; i++)
                    sum += await context.CallActivityAsync<int>("Echo", i).ConfigureAwait(false);
                return sum;
            })
            .AddOrchestratorFunc<int>("Yield", async context =>
            {
                await Task.Yield();
                return await context.CallActivityAsync<int>("Echo", 3);
            })
            .AddActivityFunc<int, int>("Echo", (_, i) => i));

        Assert.Equal(10, await engine.RunAsync<int>("Plain"));
        Assert.Equal(3, await engine.RunAsync<int>("Yield"));
    }
}
