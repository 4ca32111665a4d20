using System.Globalization;
using AiOs.ControlPlane.Runs;
using AiOs.Functions.Http;
using AiOs.Orchestrations;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace AiOs.Functions;

/// <summary>Runs: one with its timeline, a page of them, their events as they happen, and how to end one.</summary>
public sealed class RunsApi(Runs runs)
{
    /// <summary>One run: its outcome and the timeline of its steps.</summary>
    [Function(nameof(GetRun)), RequiresPermission(Permission.ReadRuns), Methods("GET")]
    public async Task<IActionResult> GetRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/runs/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        if (await VisibleAsync(id, request.Principal(), cancellationToken) is not { } run)
            return Unknown(id).ToResult();
        var steps = await runs.EventsAsync(id, 0, cancellationToken);
        return new OkObjectResult(new { run = run.ToOutcome() with { Cost = RunCosts.Of(steps) }, run.Channel, run.CreatedAt, run.StartedAt, run.FinishedAt, steps });
    }

    /// <summary>A page of runs, newest first; <c>after</c> continues behind the last one of the page before.</summary>
    [Function(nameof(ListRuns)), RequiresPermission(Permission.ReadRuns), Methods("GET")]
    public async Task<IActionResult> ListRuns(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/runs")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = request.Query;
        var top = 50;
        RunStatus? status = null;
        if (query.ContainsKey("top") && !(int.TryParse(query["top"], NumberStyles.None, CultureInfo.InvariantCulture, out top) && top is >= 1 and <= 200))
            return Problem.BadField("top", "must be a whole number from 1 to 200.").ToResult();
        if (query.ContainsKey("status"))
        {
            if (RunStatuses.Find(query["status"].ToString()) is not { } wanted)
                return Problem.BadField("status", "must be one of running, waiting, completed, rejected, cancelled, failed, undoFailed.").ToResult();
            status = wanted;
        }

        var after = query["after"].ToString() is { Length: > 0 } given ? given : null;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out _)) return Problem.BadField("after", "must be the `next` of an earlier page.").ToResult();
        var app = query["app"].ToString() is { Length: > 0 } name ? name : null;
        var page = await runs.ListAsync(app, status, request.Principal() is { SeesOnlyItsOwn: true } caller ? caller.Id : null, top, after, cancellationToken);
        return new OkObjectResult(new { runs = page.Rows.Select(Line), page.Next });
    }

    /// <summary>The events of a run as server-sent events, from <c>Last-Event-ID</c> on, until the run ends.</summary>
    [Function(nameof(FollowRun)), RequiresPermission(Permission.ReadRuns), Methods("GET")]
    public async Task<IActionResult> FollowRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/runs/{id}/events")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        var last = request.Headers["Last-Event-ID"].ToString();
        long after = 0;
        if (last.Length > 0 && !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return Problem.BadField("Last-Event-ID", "must be the id of an event of this run.").ToResult();
        return await VisibleAsync(id, request.Principal(), cancellationToken) is null ? Unknown(id).ToResult() : new EventStreamResult(runs, id, after);
    }

    /// <summary>Asks a run to end: the action in flight ends, completed actions with an undo are undone.</summary>
    [Function(nameof(CancelRun)), RequiresPermission(Permission.CancelRuns), Methods("POST")]
    public async Task<IActionResult> CancelRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/runs/{id}/cancel")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        var run = await VisibleAsync(id, request.Principal(), cancellationToken);
        if (run is null) return Unknown(id).ToResult();
        if (run.Status.IsTerminal()) return Problem.Conflict($"Run '{id}' has already ended: {run.Status.ToString().ToLowerInvariant()}.").ToResult();
        if (run.Channel == Channels.Deploy) return Problem.Conflict($"Run '{id}' is a deployment, which cannot be cancelled: it ends by itself, and until it does the version in force stays. Deploy the version that you want; the later deployment wins.").ToResult();
        if (await runs.CancelBeforeStartAsync(id, "Cancelled on request.", cancellationToken) is { } ended)
        {
            if (ended.Next is { } next) await client.ScheduleRunAsync(next.ToStart());
            return Replies.Of(ended.Run, request.HttpContext.Response);
        }

        await client.RaiseEventAsync(id, RunEvents.Cancel, request.Principal().Id, cancellationToken);
        var settled = await runs.WaitForEndAsync(id, TimeSpan.FromSeconds(5), cancellationToken) ?? run;
        return Replies.Of(settled, request.HttpContext.Response);
    }

    /// <summary>The run; null, as for one that is not there, where the caller is only a client and the run is another's.</summary>
    async Task<RunRow?> VisibleAsync(string id, Principal caller, CancellationToken cancellationToken) =>
        await runs.GetAsync(id, cancellationToken) is { } run && (!caller.SeesOnlyItsOwn || run.PrincipalId == caller.Id) ? run : null;

    static object Line(RunRow run) => new { run.RunId, run.App, run.Version, run.Status, run.Channel, run.ConversationId, run.WaitingFor, run.ToOutcome().Reason, run.CreatedAt, run.FinishedAt };

    static Problem Unknown(string id) => Problem.NotFound($"There is no run '{id}'.");
}
