using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Bench.Engine;

/// <summary>Orchestrations that wait for an event or a timer, whichever comes first. The event is raised once they wait, and wins.</summary>
sealed class Races(int count, int atOnce) : IScenario
{
    public string Name => "races";

    public string Unit => "races of an event against a timer";

    public int Count => count;

    public void Register(DurableTaskRegistry tasks) => tasks.AddOrchestratorFunc<int, string>("Race", async (context, _) =>
    {
        using var giveUp = new CancellationTokenSource();
        var deadline = context.CreateTimer(context.CurrentUtcDateTime.AddHours(1), giveUp.Token);
        var answer = context.WaitForExternalEvent<string>("answer", giveUp.Token);
        if (await Task.WhenAny(answer, deadline) == deadline)
            return "late";
#pragma warning disable MA0042 // CancelAsync would await a foreign task, which does not replay
        giveUp.Cancel();
#pragma warning restore MA0042
        return await answer;
    });

    public Task RunAsync(DurableTaskClient client, int count, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, async (number, cancellation) =>
        {
            var id = await client.ScheduleNewOrchestrationInstanceAsync("Race", number, cancellation);
            await client.WaitForInstanceStartAsync(id, cancellation);
            await client.RaiseEventAsync(id, "answer", "in time", cancellation);
            Outcome.Require(await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellation), "in time");
        });
}
