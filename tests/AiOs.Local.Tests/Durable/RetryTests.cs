using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

public sealed class RetryTests
{
    [Fact]
    public async Task A_retry_policy_gives_up_when_its_time_is_over()
    {
        var clock = new ManualTimeProvider();
        var attempts = 0;
        var policy = new RetryPolicy(100, TimeSpan.FromMinutes(2), retryTimeout: TimeSpan.FromMinutes(5));
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Retry", context => context.CallActivityAsync("Throw", new TaskOptions(policy)))
            .AddActivityFunc("Throw", (Action<TaskActivityContext>)(_ =>
            {
                Interlocked.Increment(ref attempts);
                throw new TimeoutException("no");
            })), clock);

        var end = engine.RunAsync("Retry");
        for (var wait = 0; wait < 3; wait++)
        {
            await engine.NextTimerAsync(clock.GetUtcNow().AddMinutes(2));
            clock.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await end).RuntimeStatus);
        Assert.Equal(4, attempts);
    }

    [Theory]
    [InlineData(Keeping.InMemory)]
    [InlineData(Keeping.Replaying)]
    public async Task An_asynchronous_retry_handler_waits_with_the_orchestrations_timers_and_decides_about_children_too(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        var runs = 0;
        var retry = TaskOptions.FromRetryHandler(async facts =>
        {
            await facts.OrchestrationContext.CreateTimer(TimeSpan.FromMinutes(facts.LastAttemptNumber), CancellationToken.None);
            return facts.LastFailure.InnerFailure is null && facts.LastFailure.IsCausedBy<TimeoutException>();
        });
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string>("Parent", context => context.CallSubOrchestratorAsync<string>("Child", retry))
            .AddOrchestratorFunc<string>("Child", (Func<TaskOrchestrationContext, string>)(_ => Interlocked.Increment(ref runs) == 3 ? "third" : throw new TimeoutException("not yet"))), clock);

        var end = engine.RunAsync<string>("Parent");
        foreach (var minutes in new[] { 1, 2 })
        {
            await engine.NextTimerAsync(clock.GetUtcNow().AddMinutes(minutes));
            clock.Advance(TimeSpan.FromMinutes(minutes));
        }

        Assert.Equal("third", await end);
    }

    [Fact]
    public async Task A_retry_handler_knows_how_long_it_has_been_tried()
    {
        var clock = new ManualTimeProvider();
        var seen = new List<TimeSpan>();
        var retry = TaskOptions.FromRetryHandler(async facts =>
        {
            seen.Add(facts.TotalRetryTime);
            if (facts.LastAttemptNumber == 2)
                return false;
            await facts.OrchestrationContext.CreateTimer(TimeSpan.FromMinutes(7), CancellationToken.None);
            return true;
        });
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Retry", context => context.CallActivityAsync("Throw", retry))
            .AddActivityFunc("Throw", (Action<TaskActivityContext>)(_ => throw new TimeoutException("no"))), clock);

        var end = engine.RunAsync("Retry");
        await engine.NextTimerAsync(clock.GetUtcNow().AddMinutes(7));
        clock.Advance(TimeSpan.FromMinutes(7));
        await end;

        Assert.Equal([TimeSpan.Zero, TimeSpan.FromMinutes(7)], seen.Select(time => TimeSpan.FromMinutes(Math.Round(time.TotalMinutes))));
    }

    [Fact]
    public async Task A_policys_handler_that_throws_leaves_the_failure_as_it_is()
    {
        var policy = new RetryPolicy(5, TimeSpan.FromMilliseconds(1)) { HandleFailure = _ => throw new FormatException("the handler's own") };
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks
            .AddOrchestratorFunc("Retry", context => context.CallActivityAsync("Throw", new TaskOptions(policy)))
            .AddActivityFunc("Throw", (Action<TaskActivityContext>)(_ => throw new TimeoutException("the failure"))));

        Assert.Equal("the failure", (await engine.RunAsync("Retry")).FailureDetails!.InnerFailure!.ErrorMessage);
    }

    [Fact]
    public async Task A_failure_is_caught_by_its_type_and_by_its_base_type()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks
            .AddOrchestratorFunc<List<bool>>("Catch", async context =>
            {
                try
                {
                    await context.CallActivityAsync("Throw");
                    return [];
                }
                catch (TaskFailedException failed)
                {
                    var details = failed.FailureDetails;
                    return [details.IsCausedBy<ArgumentNullException>(), details.IsCausedBy<ArgumentException>(), details.IsCausedBy<Exception>(), details.IsCausedBy<TimeoutException>()];
                }
            })
            .AddActivityFunc("Throw", (Action<TaskActivityContext>)(_ => throw new ArgumentNullException(paramName: null, "nothing given"))));

        Assert.Equal([true, true, true, false], await engine.RunAsync<List<bool>>("Catch"));
    }
}
