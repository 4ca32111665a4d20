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
public sealed class DeployArrivals(Deployments deployments, InstalledApps installed, Runs runs, ILogger<DeployArrivals> log)
{
    /// <summary>400 with every problem where the package is not valid (the version in force stays); else the deployment's run, waited for as preferred.</summary>
    public async Task<IActionResult> AcceptAsync(string app, byte[] zip, HttpRequest request, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var (preference, bad) = Preference.Of(request);
        if (bad is not null) return bad.ToResult();
        try
        {
            using var stream = new MemoryStream(zip);
            return await OpenAsync(app, await deployments.ReceiveAsync(app, stream, cancellationToken), null, preference, request, client, cancellationToken);
        }
        catch (InvalidPackageException e)
        {
            return Problem.BadField("$", e.Message).ToResult();
        }
    }

    /// <summary>Builds the version in force again, from the files that it was deployed from: 404 where there is no such app, 409 where its files are not stored any more; else as above.</summary>
    public async Task<IActionResult> RebuildAsync(string app, HttpRequest request, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var (preference, bad) = Preference.Of(request);
        if (bad is not null) return bad.ToResult();
        if (await installed.GetAsync(app, cancellationToken) is not { } there) return Problem.NotFound($"There is no app '{app}'.").ToResult();
        try
        {
            return await PackageAsync(there, cancellationToken) is { } packageRef
                ? await OpenAsync(app, packageRef, there.PlanDigest, preference, request, client, cancellationToken) : Gone(there, "no deployment of it is recorded").ToResult();
        }
        catch (InvalidPackageException e)
        {
            return Gone(there, e.Message).ToResult();
        }
    }

    async Task<string?> PackageAsync(InstalledApp app, CancellationToken cancellationToken) =>
        app.Activations!.FirstOrDefault(activation => activation.Version == app.Version)?.RunId is { } runId && await runs.GetAsync(runId, cancellationToken) is { } deployment
            ? deployment.MessageRef : await runs.PackageAsync(app.Name, app.Version, cancellationToken);

    static Problem Gone(InstalledApp app, string why) =>
        new(StatusCodes.Status409Conflict, "The app cannot be built again.", $"The files of {app.Name} {app.Version} are not there as they were ({why}); it stays as it is. Deploy its folder.");

    async Task<IActionResult> OpenAsync(string app, string packageRef, string? rebuilds, Preference preference, HttpRequest request, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var problems = await deployments.ValidateAsync(app, packageRef, cancellationToken);
        if (problems.Count > 0) return Refuse(problems).ToResult();
        var work = await deployments.WorkAsync(packageRef, cancellationToken);
        var run = await runs.OpenDeploymentAsync(app, work.Version, packageRef, request.Principal().Id, Tracing.Parent(), cancellationToken, rebuilds);
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
            await client.ScheduleDeploymentAsync(new DeployStart(run.RunId, run.App, run.Version, run.MessageRef, run.PrincipalId, run.TraceParent, run.PlanDigest.Length > 0 ? run.PlanDigest : null));
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
