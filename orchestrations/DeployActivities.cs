using AiOs.Agents;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.Governance;
using AiOs.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace AiOs.Orchestrations;

/// <summary>The work of a deployment; each part is found again by the hash of what it was made from, so repeating one is cheap.</summary>
public sealed class DeployActivities(Deployments deployments, InstalledApps installed, PartCheck parts, Runs runs, AuditLog audit, StepJournal journal, ILogger<DeployActivities> log)
{
    /// <summary>Checks the package whole and says what has to be built.</summary>
    [Function(nameof(ValidatePackage))]
    public async Task<DeployWork> ValidatePackage([ActivityTrigger] DeployStart start, CancellationToken cancellationToken)
    {
        var work = new DeployWork([], []);
        await RecordAsync(start, "validate", async _ =>
        {
            var problems = await deployments.ValidateAsync(start.App, start.PackageRef, cancellationToken);
            if (problems.Count > 0) throw new InvalidDataException($"{problems.Count} problem(s); first: {problems[0].File}:{problems[0].Line}: {problems[0].Message}");
            var steps = await deployments.WorkAsync(start.PackageRef, cancellationToken);
            work = new(steps.Intents, steps.Knowledge, await RefusedAsync(start, steps.Version, cancellationToken));
            return new { intents = work.Intents.Count, knowledge = work.Knowledge.Count, again = work.Again };
        }, cancellationToken);
        return work;
    }

    /// <summary>Why the version in force has to be built again, where it is this one.</summary>
    async Task<string?> RefusedAsync(DeployStart start, string version, CancellationToken cancellationToken) =>
        await installed.FindAsync(start.App, cancellationToken) is { } there && there.Version == version && await parts.RefusedAsync(there.PlanDigest, cancellationToken) is { Count: > 0 } refused
            ? string.Join(' ', refused.Select(part => $"{part.Step}: {part.Reason}")) : null;

    /// <summary>Trains the intents of a detect step; the reference of the head.</summary>
    [Function(nameof(TrainIntents))]
    public Task<string> TrainIntents([ActivityTrigger] DeployStep call, CancellationToken cancellationToken) =>
        BuildAsync(call, "train", progress => deployments.TrainAsync(call.Start.PackageRef, call.Step, progress, cancellationToken), cancellationToken);

    /// <summary>Indexes the knowledge of a retrieve step; the reference of the index.</summary>
    [Function(nameof(IndexKnowledge))]
    public Task<string> IndexKnowledge([ActivityTrigger] DeployStep call, CancellationToken cancellationToken) =>
        BuildAsync(call, "index", progress => deployments.IndexAsync(call.Start.PackageRef, call.Step, progress, cancellationToken), cancellationToken);

    /// <summary>Compiles the plan; its digest.</summary>
    [Function(nameof(CompilePlan))]
    public async Task<string> CompilePlan([ActivityTrigger] CompileCall call, CancellationToken cancellationToken)
    {
        var digest = "";
        await RecordAsync(call.Start, "compile", async _ => new { plan = digest = await deployments.PlanAsync(call.Start.PackageRef, call.Artifacts, cancellationToken) }, cancellationToken);
        return digest;
    }

    /// <summary>Puts the plan in force, in one step.</summary>
    [Function(nameof(ActivateVersion))]
    public Task ActivateVersion([ActivityTrigger] ActivateCall call, CancellationToken cancellationToken) => RecordAsync(call.Start, "activate", async _ =>
    {
        await audit.AppendAsync(new("app.activated", journal.Now, call.Start.RunId, "activate", call.Start.PrincipalId, call.PlanDigest, null, "intended",
            Detail(call, await installed.FindAsync(call.Start.App, cancellationToken)), call.Start.RunId + "/activate"), cancellationToken);
        var run = await runs.GetAsync(call.Start.RunId, cancellationToken) ?? throw new InvalidDataException($"The deployment {call.Start.RunId} is not recorded.");
        await deployments.ActivateAsync(call.Start.App, call.PlanDigest, new(call.Start.RunId, call.Start.Rebuilds is null ? run.Position : null, call.Start.PrincipalId, call.Again), cancellationToken);
        log.AppDeployed(call.Start.App, call.Start.RunId);
        return new { plan = call.PlanDigest };
    }, cancellationToken);

    static Dictionary<string, string> Detail(ActivateCall call, InstalledApp? before)
    {
        var detail = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = call.Start.App, ["version"] = call.Start.Version };
        if (before is not null) (detail["beforeVersion"], detail["beforePlan"]) = (before.Version, before.PlanDigest);
        if (call.Again is { } reason) detail["again"] = reason;
        return detail;
    }

    /// <summary>Closes the deployment's run.</summary>
    [Function(nameof(FinishDeployment))]
    public Task FinishDeployment([ActivityTrigger] FinishDeployCall call, CancellationToken cancellationToken) =>
        runs.FinishAsync(new RunOutcome { RunId = call.Start.RunId, App = call.Start.App, Version = call.Start.Version, Status = call.End.Status, Reason = call.End.Reason }, null, cancellationToken);

    async Task<string> BuildAsync(DeployStep call, string kind, Func<IProgress<double>, Task<string>> build, CancellationToken cancellationToken)
    {
        var reference = "";
        var step = $"{kind} {call.Step}";
        await RecordAsync(call.Start, step, async run => new { artifact = reference = await journal.WithProgressAsync(run, step, "deploy", build, cancellationToken) }, cancellationToken);
        return reference;
    }

    Task<StepResult> RecordAsync(DeployStart start, string step, Func<RunStart, Task<object>> work, CancellationToken cancellationToken)
    {
        var run = new RunStart(start.RunId, start.App, start.Version, "", start.PackageRef, null, start.PrincipalId, null, start.TraceParent);
        return journal.RecordAsync(run, step, "deploy", start.TraceParent, async () =>
        {
            var facts = Facts.Fields(await work(run));
            return new("done", facts, Facts.NoRefs);
        }, cancellationToken);
    }
}
