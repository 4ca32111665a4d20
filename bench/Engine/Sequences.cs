using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Bench.Engine;

/// <summary>Orchestrations of three activities, one after the other.</summary>
sealed class Sequences(int count, int atOnce) : IScenario
{
    public string Name => "sequences";

    public string Unit => "orchestrations of 3 activities";

    public int Count => count;

    public void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc<int, int>("Sequence", async (context, first) =>
        {
            var number = first;
            for (var step = 0; step < 3; step++)
                number = await context.CallActivityAsync<int>("Increment", number);
            return number;
        })
        .AddActivityFunc<int, int>("Increment", (_, number) => number + 1);

    public Task RunAsync(DurableTaskClient client, int count, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, async (number, cancellation) =>
        {
            var id = await client.ScheduleNewOrchestrationInstanceAsync("Sequence", number, cancellation);
            var end = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellation);
            Outcome.Require(end, number + 3);
        });
}
