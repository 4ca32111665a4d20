using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Switches;
using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>The kill switches: one an app, and <c>all</c>. A stopped app admits nothing; what runs goes on.</summary>
public sealed class SwitchesApi(KillSwitch switches, InstalledApps apps)
{
    /// <summary>The switches that are thrown.</summary>
    [Function(nameof(ListSwitches)), RequiresPermission(Permission.OperateSystem), Methods("GET")]
    public async Task<IActionResult> ListSwitches(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/switches")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        _ = request;
        return new OkObjectResult(new { stopped = await switches.ListAsync(cancellationToken) });
    }

    /// <summary>Stops or releases an app (or <c>all</c>): <c>{stopped: true|false, reason?}</c>.</summary>
    [Function(nameof(PutSwitch)), RequiresPermission(Permission.OperateSystem), Methods("PUT")]
    public async Task<IActionResult> PutSwitch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/switches/{app}")] HttpRequest request,
        string app,
        CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null) return unreadable!.ToResult();
        var stopped = body.Flag("stopped", required: true);
        var reason = body.Text("reason", maxBytes: 500);
        if (body.Verdict() is { } problem) return problem.ToResult();
        if (app != KillSwitch.All && await apps.FindAsync(app, cancellationToken) is null)
            return Problem.NotFound($"There is no app '{app}'. GET /api/apps lists those installed; 'all' is the switch of every app.").ToResult();
        await switches.SetAsync(app, stopped!.Value, reason, request.Principal(), cancellationToken);
        return new OkObjectResult(new { app, stopped, reason });
    }
}
