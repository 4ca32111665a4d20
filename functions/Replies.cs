using AiOs.ControlPlane.Runs;
using AiOs.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace AiOs.Functions;

/// <summary>Turns a run into a reply: 200 once it is terminal, else 202 with where to look.</summary>
public sealed class Replies(Runs runs)
{
    /// <summary>Waits until the run is terminal or waits itself, as long as preferred; the run goes on whatever the caller does.</summary>
    public async Task<IActionResult> WaitAsync(RunRow run, Preference preference, HttpRequest request, CancellationToken cancellationToken)
    {
        var settled = run.Status.IsTerminal() ? run : await runs.WaitAsync(run.RunId, preference.Wait, cancellationToken) ?? run;
        preference.Acknowledge(request.HttpContext.Response);
        return Of(settled, request.HttpContext.Response);
    }

    /// <summary>The outcome of a run as it stands: 200 when terminal, 202 with <c>Location</c> and <c>Retry-After</c> while it runs or waits.</summary>
    public static IActionResult Of(RunRow run, HttpResponse response)
    {
        if (run.Status.IsTerminal()) return new OkObjectResult(run.ToOutcome());
        response.Headers.Location = $"/api/runs/{run.RunId}";
        response.Headers.RetryAfter = run.Status == RunStatus.Waiting ? "30" : "1";
        return new ObjectResult(run.ToOutcome()) { StatusCode = StatusCodes.Status202Accepted };
    }
}
