using System.Text.Json;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;

namespace AiOs.Orchestrations;

/// <summary>What activities read of their run: the pinned plan and the masked message.</summary>
public sealed class RunContext(InstalledApps apps, IBlobStore blobs)
{
    /// <summary>The step in the run's plan and the run's message, in English where it was translated.</summary>
    public async Task<(PlanStep Step, Message Message)> LoadAsync(StepCall call, CancellationToken cancellationToken) =>
        ((await PlanAsync(call.Start, cancellationToken)).Step(call.Step), await MessageAsync(call.Translated?.MessageRef ?? call.Start.MessageRef, cancellationToken));

    /// <summary>The plan that the run is pinned to.</summary>
    public Task<Plan> PlanAsync(RunStart start, CancellationToken cancellationToken) => apps.PlanAsync(start.PlanDigest, cancellationToken);

    /// <summary>The message, masked as it was admitted.</summary>
    public async Task<Message> MessageAsync(string reference, CancellationToken cancellationToken)
    {
        var bytes = await blobs.GetAsync(reference, cancellationToken) ?? throw new InvalidDataException($"The message {reference} is not stored.");
        return JsonSerializer.Deserialize<Message>(bytes, AiOsJson.Options) ?? throw new InvalidDataException($"The message {reference} is empty.");
    }
}
