using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

public sealed class FailureTests
{
    [Theory, EveryKeeping]
    public async Task An_activity_that_throws_fails_its_orchestration_with_the_whole_chain(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc("Orchestrate", TheOrchestrator)
            .AddActivityFunc("Throw", _ => throw new InvalidOperationException("outer", new OddException("inner"))));

        var failure = (await engine.RunAsync("Orchestrate")).FailureDetails!;

        Assert.Equal(typeof(TaskFailedException).FullName, failure.ErrorType);
        Assert.Equal("Task 'Throw' (#0) failed with an unhandled exception: outer", failure.ErrorMessage);
        Assert.Contains(nameof(TheOrchestrator), failure.StackTrace, StringComparison.Ordinal);
        Assert.True(failure.InnerFailure!.IsCausedBy<InvalidOperationException>());
        Assert.Equal("outer", failure.InnerFailure.ErrorMessage);
        Assert.True(failure.InnerFailure.InnerFailure!.IsCausedBy<OddException>());
        Assert.Equal("inner", failure.InnerFailure.InnerFailure.ErrorMessage);

        static async Task TheOrchestrator(TaskOrchestrationContext context) => await context.CallActivityAsync("Throw");
    }

    [Theory, EveryKeeping]
    public async Task An_orchestrator_that_throws_fails_with_its_own_exception(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc("AtOnce", (Action<TaskOrchestrationContext>)(_ => throw new OddException("at once")))
            .AddOrchestratorFunc("Later", async context =>
            {
                await context.CreateTimer(TimeSpan.Zero, CancellationToken.None);
                throw new OddException("later");
            }));

        foreach (var (name, message) in new[] { ("AtOnce", "at once"), ("Later", "later") })
        {
            var end = await engine.RunAsync(name);
            Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
            Assert.True(end.FailureDetails!.IsCausedBy<OddException>());
            Assert.Equal(message, end.FailureDetails.ErrorMessage);
        }
    }

    [Theory, EveryKeeping]
    public async Task Failures_keep_their_causes_through_sub_orchestrations(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc("Parent", async context =>
            {
                try
                {
                    await context.CallSubOrchestratorAsync("Child");
                }
                catch (TaskFailedException failed)
                {
                    Assert.True(failed.FailureDetails.IsCausedBy<TaskFailedException>());
                    RequireChain(failed.FailureDetails.InnerFailure);
                    throw;
                }
            })
            .AddOrchestratorFunc("Child", async context =>
            {
                try
                {
                    await context.CallActivityAsync("Throw");
                }
                catch (TaskFailedException failed)
                {
                    RequireChain(failed.FailureDetails);
                    throw;
                }
            })
            .AddActivityFunc("Throw", _ => throw new OddException("first", new TimeoutException("second", new FormatException("third")))));

        var failure = (await engine.RunAsync("Parent")).FailureDetails!;

        Assert.Contains("Child", failure.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("Throw", failure.InnerFailure!.ErrorMessage, StringComparison.Ordinal);
        RequireChain(failure.InnerFailure.InnerFailure);

        static void RequireChain(TaskFailureDetails? details)
        {
            Assert.True(details!.IsCausedBy<OddException>());
            Assert.True(details.InnerFailure!.IsCausedBy<TimeoutException>());
            Assert.True(details.InnerFailure.InnerFailure!.IsCausedBy<FormatException>());
            Assert.Equal("third", details.InnerFailure.InnerFailure.ErrorMessage);
        }
    }

    [Theory, EveryKeeping]
    public async Task A_failure_that_is_caught_is_no_failure(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Catch", async context =>
            {
                try
                {
                    await context.CallActivityAsync("Throw");
                    return "nothing happened";
                }
                catch (TaskFailedException failed)
                {
                    return await context.CallActivityAsync<string>("Undo", failed.FailureDetails.ErrorMessage);
                }
            })
            .AddActivityFunc("Throw", _ => throw new OddException("no"))
            .AddActivityFunc<string, string>("Undo", (_, why) => $"undone: {why}"));

        Assert.Equal("undone: no", await engine.RunAsync<string>("Catch"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_retry_policy_tries_as_often_as_it_says(int attempts)
    {
        var (activities, children) = (0, 0);
        var retry = TaskOptions.FromRetryPolicy(new RetryPolicy(attempts, TimeSpan.FromMilliseconds(1), backoffCoefficient: 1.5));
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Activity", context => context.CallActivityAsync("Throw", retry))
            .AddOrchestratorFunc("Children", context => context.CallSubOrchestratorAsync("Child", retry))
            .AddOrchestratorFunc("Child", (Action<TaskOrchestrationContext>)(_ =>
            {
                children++;
                throw new OddException("no");
            }))
            .AddActivityFunc("Throw", _ =>
            {
                activities++;
                throw new OddException("no");
            }));

        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await engine.RunAsync("Activity")).RuntimeStatus);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await engine.RunAsync("Children")).RuntimeStatus);
        Assert.Equal((attempts, attempts), (activities, children));
    }

    [Theory, EveryKeeping]
    public async Task A_retry_ends_with_the_first_success(Keeping keeping)
    {
        var attempts = 0;
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Retry", context => context.CallActivityAsync<string>("Third", new TaskOptions(new RetryPolicy(9, TimeSpan.FromMilliseconds(1)))))
            .AddActivityFunc("Third", _ => Interlocked.Increment(ref attempts) == 3 ? "third time lucky" : throw new OddException("no")));

        Assert.Equal("third time lucky", await engine.RunAsync<string>("Retry"));
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task The_waits_between_attempts_grow_as_the_policy_says()
    {
        var clock = new ManualTimeProvider();
        var policy = new RetryPolicy(5, TimeSpan.FromMinutes(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(5));
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Retry", context => context.CallActivityAsync("Throw", new TaskOptions(policy)))
            .AddActivityFunc("Throw", _ => throw new OddException("no")), clock);

        var end = engine.RunAsync("Retry");
        foreach (var minutes in new[] { 1, 2, 4, 5 })
        {
            while (engine.Engine.Timers.Next is null)
                await Task.Yield();
            Assert.Equal(clock.GetUtcNow().AddMinutes(minutes), engine.Engine.Timers.Next);
            clock.Advance(TimeSpan.FromMinutes(minutes));
        }

        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await end).RuntimeStatus);
    }

    [Fact]
    public async Task A_retry_handler_decides_and_sees_the_failure()
    {
        var attempts = 0;
        var seen = new List<(int Attempt, string Message)>();
        var retry = TaskOptions.FromRetryHandler(facts =>
        {
            seen.Add((facts.LastAttemptNumber, facts.LastFailure.ErrorMessage));
            return facts.LastFailure.IsCausedBy<OddException>() && facts.LastAttemptNumber < 3;
        });
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Retry", context => context.CallActivityAsync("Throw", retry))
            .AddActivityFunc("Throw", _ => throw new OddException($"no {++attempts}")));

        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await engine.RunAsync("Retry")).RuntimeStatus);
        Assert.Equal([(1, "no 1"), (2, "no 2"), (3, "no 3")], seen);
    }

    [Theory]
    [InlineData(true, 4)]
    [InlineData(false, 1)]
    public async Task A_policy_with_a_failure_handler_retries_only_what_the_handler_accepts(bool accept, int expected)
    {
        var attempts = 0;
        var policy = new RetryPolicy(4, TimeSpan.FromMilliseconds(1)) { HandleFailure = failure => failure.IsCausedBy<OddException>() && accept };
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Retry", context => context.CallActivityAsync("Throw", new TaskOptions(policy)))
            .AddActivityFunc("Throw", _ =>
            {
                attempts++;
                throw new OddException("no");
            }));

        await engine.RunAsync("Retry");

        Assert.Equal(expected, attempts);
    }

    [Theory]
    [InlineData("Activity", "ActivityTaskNotFound")]
    [InlineData("Child", "OrchestratorTaskNotFound")]
    public async Task A_task_that_does_not_exist_is_not_tried_again(string what, string error)
    {
        var asked = 0;
        var retry = TaskOptions.FromRetryHandler(_ => asked++ < 5);
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Activity", context => context.CallActivityAsync("Bogus", retry))
            .AddOrchestratorFunc("Child", context => context.CallSubOrchestratorAsync("Bogus", retry)));

        var end = await engine.RunAsync(what);

        Assert.Equal(error, end.FailureDetails!.InnerFailure!.ErrorType);
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task An_orchestrator_that_does_not_exist_fails_at_its_start()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, _ => { });

        Assert.Equal("OrchestratorTaskNotFound", (await engine.RunAsync("Bogus")).FailureDetails!.ErrorType);
    }

    [Fact]
    public async Task A_result_of_another_type_fails_where_it_is_awaited()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc<string>("Mismatch", async context =>
            {
                try
                {
                    return (await context.CallActivityAsync<int>("Text")).ToString(System.Globalization.CultureInfo.InvariantCulture);
                }
                catch (System.Text.Json.JsonException)
                {
                    return "caught";
                }
            })
            .AddActivityFunc("Text", _ => "text"));

        Assert.Equal("caught", await engine.RunAsync<string>("Mismatch"));
    }

    public sealed class OddException(string message, Exception? inner = null) : Exception(message, inner);
}
