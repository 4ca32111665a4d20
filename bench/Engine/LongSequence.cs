using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Bench.Engine;

/// <summary>One orchestration of very many activities, one after the other. What a step costs must not grow with the history before it.</summary>
sealed class LongSequence(int count) : IScenario
{
    const int Part = 1000;
    const int Chunk = 100;

    long[] times = [];

    public string Name => "longSequence";

    public string Unit => "activities, one after the other";

    public int Count => count;

    public void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc<int, int>("Long", async (context, length) =>
        {
            var done = 0;
            while (done < length)
                done = await context.CallActivityAsync<int>("Mark", done);
            return done;
        })
        .AddActivityFunc<int, int>("Mark", (_, number) =>
        {
            times[number] = TimeProvider.System.GetTimestamp();
            return number + 1;
        });

    public async Task RunAsync(DurableTaskClient client, int count, CancellationToken cancellationToken)
    {
        times = new long[count];
        var id = await client.ScheduleNewOrchestrationInstanceAsync("Long", count, cancellationToken);
        Outcome.Require(await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellationToken), count);
    }

    /// <summary>Time of a step in the last 1,000 over the first 1,000: medians of 100 steps each, so that one slow fsync says nothing.</summary>
    public double EndToStart() => Median(times.Length - Part) / Median(0);

    double Median(int from) => Spread.Of(Enumerable.Range(0, (Part - 1) / Chunk)
        .Select(chunk => (double)(times[from + ((chunk + 1) * Chunk)] - times[from + (chunk * Chunk)]))).Median;
}
