using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

public sealed class VersionTests
{
    [Theory]
    [InlineData(null, "0.1")]
    [InlineData("0.2", "0.2")]
    [InlineData("", "")]
    public async Task A_sub_orchestration_has_the_version_that_is_asked_for_or_else_the_default(string? asked, string expected)
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { DefaultVersion = "0.1" }, tasks => tasks
            .AddOrchestratorFunc<string>("Parent", context => context.CallSubOrchestratorAsync<string>(
                "Child", asked is null ? new SubOrchestrationOptions() : new SubOrchestrationOptions { Version = new TaskVersion(asked) }))
            .AddOrchestratorFunc<string>("Child", context => context.Version));

        Assert.Equal(expected, (await engine.RunAsync("Parent", options: new StartOrchestrationOptions { Version = "7" })).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_activity_has_the_version_of_its_orchestration_unless_another_is_asked_for()
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions(), tasks => tasks
            .AddOrchestratorFunc<string>("Call", async context =>
                await context.CallActivityAsync<string>("Versioned") + await context.CallActivityAsync<string>("Versioned", new TaskOptions { Version = new TaskVersion("2") })
                + await context.CallActivityAsync<string>("Plain"))
            .AddActivityFunc<object?, string>("Versioned", new TaskVersion("1"), (context, _) => Task.FromResult($"one as {context.Version}, "))
            .AddActivityFunc<object?, string>("Versioned", new TaskVersion("2"), (context, _) => Task.FromResult($"two as {context.Version}, "))
            .AddActivityFunc("Plain", context => $"plain as {context.Version}"));

        Assert.Equal("one as 1, two as 2, plain as 1", (await engine.RunAsync("Call", options: new StartOrchestrationOptions { Version = "1" })).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_orchestration_without_version_fails_where_only_versioned_code_exists()
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions(), tasks => tasks
            .AddOrchestratorFunc<object?, string>("Versioned", new TaskVersion("1"), (_, _) => Task.FromResult("one")));

        Assert.Equal("OrchestratorTaskNotFound", (await engine.RunAsync("Versioned")).FailureDetails!.ErrorType);
    }

    [Theory, EveryKeeping]
    public async Task Continue_as_new_with_another_version_runs_the_code_of_that_version(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string, string>("Migrate", new TaskVersion("1"), async (context, input) =>
            {
                await context.CreateTimer(TimeSpan.Zero, CancellationToken.None);
                context.ContinueAsNew(new ContinueAsNewOptions { NewInput = input + " from one", NewVersion = "2" });
                return "never seen";
            })
            .AddOrchestratorFunc<string, string>("Migrate", new TaskVersion("2"), (context, input) => Task.FromResult($"{input} to {context.Version}")));

        Assert.Equal("went from one to 2", (await engine.RunAsync("Migrate", "went", new StartOrchestrationOptions { Version = "1" })).ReadOutputAs<string>());
    }

    [Theory, EveryKeeping]
    public async Task Tags_stay_through_continue_as_new_restart_and_retried_children(Keeping keeping)
    {
        var runs = 0;
        var tags = new Dictionary<string, string> { ["team"] = "claims" };
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<int, int>("Again", async (context, round) =>
            {
                await context.CallActivityAsync("Tagged", new TaskOptions(tags: tags));
                if (round == 0)
                    context.ContinueAsNew(1);
                else
                    await context.CallSubOrchestratorAsync("Child", new SubOrchestrationOptions(new RetryPolicy(2, TimeSpan.FromMilliseconds(1)), "the-child") { Tags = tags });
                return round;
            })
            .AddOrchestratorFunc("Child", (Action<TaskOrchestrationContext>)(_ =>
            {
                if (Interlocked.Increment(ref runs) % 2 == 1)
                    throw new TimeoutException("first");
            }))
            .AddActivityFunc("Tagged", _ => { }));

        var end = await engine.RunAsync("Again", 0, new StartOrchestrationOptions { Tags = tags });
        var again = await engine.EndOf(await engine.Client.RestartAsync(end.InstanceId, restartWithNewInstanceId: true));

        Assert.Equal((OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Completed), (end.RuntimeStatus, again.RuntimeStatus));
        Assert.Equal(("claims", "claims", "claims"), (end.Tags["team"], again.Tags["team"], (await engine.EndOf("the-child")).Tags["team"]));
    }

    [Fact]
    public async Task Tasks_written_as_classes_run_like_functions_and_get_their_services()
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions(), tasks => tasks.AddOrchestrator<Greet>().AddActivity<Hello>());

        Assert.Equal("Hello, world!", await engine.RunAsync<string>(nameof(Greet), "world"));
    }

    [DurableTask(nameof(Greet))]
    public sealed class Greet : TaskOrchestrator<string, string>
    {
        public override Task<string> RunAsync(TaskOrchestrationContext context, string input) => context.CallActivityAsync<string>(nameof(Hello), input);
    }

    [DurableTask(nameof(Hello))]
    public sealed class Hello(IServiceProvider services) : TaskActivity<string, string>
    {
        public override Task<string> RunAsync(TaskActivityContext context, string input) => Task.FromResult(services is null ? "no services" : $"Hello, {input}!");
    }
}
