using System.Globalization;
using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>Carries out what the observer orders and says what came of it. What it says is acknowledged: on disk, as the engine promises.</summary>
sealed class WorkerOrders(DurableTaskClient client, Action<string[]> say)
{
    static readonly string[] anyStatus = Enum.GetNames<OrchestrationRuntimeStatus>();

    /// <summary>Carries out one order; a failure is said, never thrown.</summary>
    public async Task AnswerAsync(string[] words, CancellationToken cancellationToken)
    {
        try
        {
            await (words switch
            {
                ["start", var id, var kind, var number] => StartAndWatchAsync(id, kind, int.Parse(number, CultureInfo.InvariantCulture), cancellationToken),
                ["resume", var id] => ResumeAsync(id, cancellationToken),
                ["raise", var id, var name] => RaiseAsync(id, name, cancellationToken),
                ["audit"] => AuditAsync(cancellationToken),
                _ => throw new InvalidOperationException($"The worker does not know '{words[0]}'."),
            });
        }
        catch (Exception failure)
        {
            say(["failed", string.Join(' ', words), failure.Message.ReplaceLineEndings(" ")]);
        }
    }

    async Task StartAndWatchAsync(string id, string kind, int number, CancellationToken cancellationToken)
    {
        await StartAsync(id, kind, number, cancellationToken);
        await WatchAsync(id, cancellationToken);
    }

    /// <summary>Starts an instance, if no earlier life has.</summary>
    public async Task StartAsync(string id, string kind, int number, CancellationToken cancellationToken)
    {
        try
        {
            var options = new StartOrchestrationOptions(id) { DedupeStatuses = anyStatus };
            await client.ScheduleNewOrchestrationInstanceAsync(kind, new MixedInput(number, []), options, cancellationToken);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // An earlier life wrote it and was killed before it could say so.
        }
        say(["started", id]);
    }

    /// <summary>Waits for the end of an instance that was acknowledged, if it is there.</summary>
    public async Task ResumeAsync(string id, CancellationToken cancellationToken)
    {
        if (await client.GetInstanceAsync(id, cancellationToken) is null)
            say(["missing", id]);
        else
            await WatchAsync(id, cancellationToken);
    }

    /// <summary>Waits for the end of an instance.</summary>
    public async Task WatchAsync(string id, CancellationToken cancellationToken) =>
        say(["ended", .. End(await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellationToken))]);

    /// <summary>Raises an event.</summary>
    public async Task RaiseAsync(string id, string name, CancellationToken cancellationToken)
    {
        await client.RaiseEventAsync(id, name, Expectation.Payload(id, name), cancellationToken);
        say(["raised", id, name]);
    }

    /// <summary>Says all that is there, read from the tables.</summary>
    public async Task AuditAsync(CancellationToken cancellationToken)
    {
        await foreach (var found in client.GetAllInstancesAsync(new OrchestrationQuery { FetchInputsAndOutputs = true, PageSize = 1000 }).WithCancellation(cancellationToken))
            say(["found", .. End(found)]);
        for (var number = 0; number < 16; number++)
            if (await client.Entities.GetEntityAsync<Dictionary<string, int>>(MixedWork.SharedCounts(number), cancellation: cancellationToken) is { } counts)
                foreach (var (id, count) in counts.State)
                    say(["counted", id, count.ToString(CultureInfo.InvariantCulture)]);
        say(["audited"]);
    }

    static string[] End(OrchestrationMetadata instance) =>
    [
        instance.InstanceId,
        instance.RuntimeStatus.ToString(),
        instance.LastUpdatedAt.UtcTicks.ToString(CultureInfo.InvariantCulture),
        (instance.RuntimeStatus == OrchestrationRuntimeStatus.Completed ? instance.ReadOutputAs<object>()?.ToString() : instance.FailureDetails?.ErrorMessage)?.ReplaceLineEndings(" ") ?? "",
    ];
}
