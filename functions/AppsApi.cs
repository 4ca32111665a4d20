using AiOs.ControlPlane.Apps;
using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace AiOs.Functions;

/// <summary>Installed apps, and how a version of one is deployed.</summary>
public sealed class AppsApi(InstalledApps apps, PartCheck parts, DeployArrivals deployments)
{
    /// <summary>Every installed app with its version in force.</summary>
    [Function(nameof(ListApps)), RequiresPermission(Permission.ReadApps), Methods("GET")]
    public async Task<IActionResult> ListApps(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/apps")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        _ = request;
        return new OkObjectResult(new { apps = await apps.ListAsync(cancellationToken) });
    }

    /// <summary>One app with its versions, what was in force when, and what of it cannot be used with the models of today.</summary>
    [Function(nameof(GetApp)), RequiresPermission(Permission.ReadApps), Methods("GET", "PUT")]
    public async Task<IActionResult> GetApp(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "patch", "delete", "options", Route = "api/apps/{app}")] HttpRequest request,
        string app,
        CancellationToken cancellationToken)
    {
        _ = request;
        if (await apps.GetAsync(app, cancellationToken) is not { } installed) return Problem.NotFound($"There is no app '{app}'.").ToResult();
        return new OkObjectResult(await parts.RefusedAsync(installed.PlanDigest, cancellationToken) is { Count: > 0 } refused ? installed with { Refused = refused } : installed);
    }

    /// <summary>Trains and indexes the version in force again, from the files that it was deployed from: 202 with the run that does it.</summary>
    [Function(nameof(RebuildApp)), RequiresPermission(Permission.DeployApps), Methods("POST")]
    public async Task<IActionResult> RebuildApp(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/apps/{app}/rebuild")] HttpRequest request,
        string app,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => await deployments.RebuildAsync(app, request, client, cancellationToken);

    /// <summary>Deploys a version: the zip of the app's folder. 202 with the run that validates, trains, indexes and switches.</summary>
    [Function(nameof(PutApp)), RequiresPermission(Permission.DeployApps), Methods("GET", "PUT")]
    public async Task<IActionResult> PutApp(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/apps/{app}")] HttpRequest request,
        string app,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        if (!string.Equals(request.ContentType, "application/zip", StringComparison.OrdinalIgnoreCase))
            return new Problem(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type.", "Send the app's folder as application/zip.") { Fields = [new("content-type", "must be application/zip")] }.ToResult();
        var (zip, tooLarge) = await JsonBody.ReadBytesAsync(request, AppPackage.MaxBytes, cancellationToken);
        if (tooLarge is not null) return tooLarge.ToResult();
        return await deployments.AcceptAsync(app, zip, request, client, cancellationToken);
    }
}
