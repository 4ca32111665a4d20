using AiOs.ControlPlane.Runs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace AiOs.Orchestrations;

/// <summary>Deploys one version of an app: validates, trains, indexes, compiles, and switches in one step at the end. Until then the version in force stays.</summary>
public static class DeployAppOrchestrator
{
    /// <summary>Input: <see cref="DeployStart"/>. The deployment's run carries the progress; a deployment that failed is Failed for Durable too.</summary>
    [Function(nameof(DeployApp))]
    public static async Task<RunEnd> DeployApp([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var start = context.GetInput<DeployStart>() ?? throw new InvalidOperationException("DeployApp was started without a DeployStart.");
        RunEnd end;
        try
        {
            await DeployAsync(context, start);
            end = new(RunStatus.Completed, null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            end = new(RunStatus.Failed, Failures.Reason(e));
        }

        await context.CallActivityAsync(nameof(DeployActivities.FinishDeployment), new FinishDeployCall(start, end), Retries.Insist);
        return end.Status == RunStatus.Failed ? throw new RunFailedException(end.Reason ?? "The deployment failed.") : end;
    }

    static async Task DeployAsync(TaskOrchestrationContext context, DeployStart start)
    {
        var work = await context.CallActivityAsync<DeployWork>(nameof(DeployActivities.ValidatePackage), start);
        var artifacts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var step in work.Intents) artifacts[step] = await context.CallActivityAsync<string>(nameof(DeployActivities.TrainIntents), new DeployStep(start, step), Retries.Training);
        foreach (var step in work.Knowledge) artifacts[step] = await context.CallActivityAsync<string>(nameof(DeployActivities.IndexKnowledge), new DeployStep(start, step), Retries.Infrastructure);
        var planDigest = await context.CallActivityAsync<string>(nameof(DeployActivities.CompilePlan), new CompileCall(start, artifacts), Retries.Infrastructure);
        await context.CallActivityAsync(nameof(DeployActivities.ActivateVersion), new ActivateCall(start, planDigest, work.Again), Retries.Infrastructure);
    }
}

/// <summary>A package to deploy as a version of an app; <paramref name="Rebuilds"/> is the plan in force where its version is only built again.</summary>
public sealed record DeployStart(string RunId, string App, string Version, string PackageRef, string PrincipalId, string? TraceParent, string? Rebuilds = null);

/// <summary>What a valid package needs built: the ids of its detect and retrieve steps; and why, where it is the version in force that cannot be used as it was built.</summary>
public sealed record DeployWork(IReadOnlyList<string> Intents, IReadOnlyList<string> Knowledge, string? Again = null);

/// <summary>One thing to build.</summary>
public sealed record DeployStep(DeployStart Start, string Step);

/// <summary>The plan to compile from what was built.</summary>
public sealed record CompileCall(DeployStart Start, IReadOnlyDictionary<string, string> Artifacts);

/// <summary>The plan to put in force.</summary>
public sealed record ActivateCall(DeployStart Start, string PlanDigest, string? Again = null);

/// <summary>The end of a deployment, to be written.</summary>
public sealed record FinishDeployCall(DeployStart Start, RunEnd End);
