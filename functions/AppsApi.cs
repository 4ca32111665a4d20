using AiOs.ControlPlane.Apps;
using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace AiOs.Functions;

/// <summary>Installed apps, and how a version of one is deployed.</summary>
public sealed class AppsApi(InstalledApps apps, DeployArrivals deployments)
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

    /// <summary>One app with its versions.</summary>
    [Function(nameof(GetApp)), RequiresPermission(Permission.ReadApps), Methods("GET", "PUT")]
    public async Task<IActionResult> GetApp(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "patch", "delete", "options", Route = "api/apps/{app}")] HttpRequest request,
        string app,
        CancellationToken cancellationToken)
    {
        _ = request;
        return await apps.GetAsync(app, cancellationToken) is { } installed ? new OkObjectResult(installed) : Problem.NotFound($"There is no app '{app}'.").ToResult();
    }

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
