using AiOs.Local.Durable;
using AiOs.Local.Durable.Determinism;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

/// <summary>An engine that replays after every turn finds what varies, however it hides.</summary>
public sealed class ReplayCheckTests
{
    static readonly DurableEngineOptions checking = new() { Determinism = DeterminismChecks.Replay };

    // Varies from run to run, and no code reader can know it.
    sealed class Counter
    {
        int last;

        public int Next() => Interlocked.Increment(ref last);
    }

    [Theory]
    [InlineData("Input", "event 2, decision number 0", "Expected: activity 'Echo' with ", "Came: activity 'Echo' with ")]
    [InlineData("Name", "event 2, decision number 0", "Expected: activity 'Echo1'", "Came: activity 'Echo2'")]
    [InlineData("Timer", "event 2, decision number 0", "Expected: a timer with ", "Came: a timer with ")]
    [InlineData("Branch", "event 2, decision number 0", "Expected: a timer", "Came: nothing: it had ended")]
    [InlineData("Output", "after the last decision", "Expected: that it completed with 1", "Came: that it completed with 2")]
    [InlineData("Later", "event 4, decision number 1", "Expected: activity 'Echo' with ", "Came: activity 'Echo' with ")]
    public async Task It_fails_in_the_turn_in_which_it_varies(string orchestrator, string place, string expected, string came)
    {
        var varies = new Counter();
        await using var engine = await TestEngine.StartAsync(checking, tasks => tasks
            .AddOrchestratorFunc("Input", context => context.CallActivityAsync<int>("Echo", varies.Next()))
            .AddOrchestratorFunc("Name", context => context.CallActivityAsync($"Echo{varies.Next()}", 1))
            .AddOrchestratorFunc("Timer", context => context.CreateTimer(context.CurrentUtcDateTime.AddHours(varies.Next()), CancellationToken.None))
            .AddOrchestratorFunc("Branch", context => varies.Next() == 1 ? context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None) : Task.CompletedTask)
            .AddOrchestratorFunc("Output", _ => Task.FromResult(varies.Next()))
            .AddOrchestratorFunc("Later", async context =>
            {
                await context.CallActivityAsync<int>("Echo", 1);
                await context.CallActivityAsync<int>("Echo", varies.Next());
            })
            .AddActivityFunc<int, int>("Echo", (_, i) => i));

        var failure = (await engine.RunAsync(orchestrator)).FailureDetails!;
        foreach (var part in new[] { $"Orchestrator '{orchestrator}'", place, expected, came, "context.CurrentUtcDateTime" })
            Assert.Contains(part, failure.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_replays_passes_with_all_that_it_can_do()
    {
        await using var engine = await TestEngine.StartAsync(checking, tasks => tasks
            .AddOrchestratorFunc<int, string>("All", async (context, generation) =>
            {
                var ids = $"{context.NewGuid()} {context.NewGuid()}";
                var both = await Task.WhenAll(context.CallActivityAsync<string>("Say", ids), context.CallSubOrchestratorAsync<string>("Child", ids));
                var timer = context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                await timer;
                context.SetCustomStatus(ids);
                if (generation > 0)
                    return string.Join('|', both);
                context.ContinueAsNew(generation + 1);
                return "";
            })
            .AddOrchestratorFunc<string, string>("Child", (context, said) => context.CallActivityAsync<string>("Say", said))
            .AddOrchestratorFunc("Fails", context => context.CallActivityAsync("Break", TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromMilliseconds(1)))))
            .AddActivityFunc<string, string>("Say", (_, said) => said)
            .AddActivityFunc("Break", _ => throw new InvalidOperationException("broken")));

        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.RunAsync("All", 0)).RuntimeStatus);
        Assert.Equal("broken", (await engine.RunAsync("Fails")).FailureDetails!.InnerFailure!.ErrorMessage);
    }
}
