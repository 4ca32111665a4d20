using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane.Yaml;
using AiOs.Functions.Http;
using AiOs.Orchestrations;
using AiOs.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Functions;

/// <summary>Accepts a package: checks it at the door, records the deployment as a run, and schedules it.</summary>
public sealed class DeployArrivals(Deployments deployments, Runs runs, ILogger<DeployArrivals> log)
{
    /// <summary>400 with every problem where the package is not valid (the version in force stays); else the deployment's run, waited for as preferred.</summary>
    public async Task<IActionResult> AcceptAsync(string app, byte[] zip, HttpRequest request, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var (preference, bad) = Preference.Of(request);
        if (bad is not null) return bad.ToResult();
        string packageRef;
        PackageWork work;
        try
        {
            using var stream = new MemoryStream(zip);
            packageRef = await deployments.ReceiveAsync(app, stream, cancellationToken);
            var problems = await deployments.ValidateAsync(app, packageRef, cancellationToken);
            if (problems.Count > 0) return Refuse(problems).ToResult();
            work = await deployments.WorkAsync(packageRef, cancellationToken);
        }
        catch (InvalidPackageException e)
        {
            return Problem.BadField("$", e.Message).ToResult();
        }

        var run = await runs.OpenDeploymentAsync(app, work.Version, packageRef, request.Principal().Id, Tracing.Parent(), cancellationToken);
        await StartAsync(run, client);
        var settled = await runs.WaitAsync(run.RunId, preference.Stated ? preference.Wait : TimeSpan.Zero, cancellationToken) ?? run;
        preference.Acknowledge(request.HttpContext.Response);
        return Replies.Of(settled, request.HttpContext.Response);
    }

    /// <summary>Schedules the orchestration of a recorded deployment; safe to repeat. A backend that is away is logged: the sweeper tries again.</summary>
    public async Task StartAsync(RunRow run, DurableTaskClient client)
    {
        try
        {
            await client.ScheduleDeploymentAsync(new DeployStart(run.RunId, run.App, run.Version, run.MessageRef, run.PrincipalId, run.TraceParent));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.RunNotScheduled(run.RunId, e);
        }
    }

    static Problem Refuse(IReadOnlyList<ManifestProblem> problems) =>
        new(StatusCodes.Status400BadRequest, "The app is not valid.", $"{problems.Count} problem(s); the version in force stays. First: {problems[0]}")
        {
            Fields = [.. problems.Select(p => new FieldProblem($"{p.File}:{p.Line}:{p.Column}", p.Suggestion is null ? p.Message : $"{p.Message} Write: {p.Suggestion}"))],
        };
}
