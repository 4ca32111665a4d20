using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Bench.Engine;

/// <summary>One orchestration that starts all its activities at once and waits for all.</summary>
sealed class FanOut(int count) : IScenario
{
    public string Name => "fanOut";

    public string Unit => "activities of one orchestration";

    public int Count => count;

    public void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc<int, long>("FanOut", async (context, width) =>
            (await Task.WhenAll(Enumerable.Range(0, width).Select(number => context.CallActivityAsync<int>("Double", number)))).Sum(number => (long)number))
        .AddActivityFunc<int, int>("Double", (_, number) => number * 2);

    public async Task RunAsync(DurableTaskClient client, int count, CancellationToken cancellationToken)
    {
        var id = await client.ScheduleNewOrchestrationInstanceAsync("FanOut", count, cancellationToken);
        Outcome.Require(await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellationToken), (long)count * (count - 1));
    }
}
