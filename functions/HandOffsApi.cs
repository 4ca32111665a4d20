using AiOs.ControlPlane.Conversations;
using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>The conversations that wait for a person, and where people take them.</summary>
public sealed class HandOffsApi(HandOffs handOffs)
{
    /// <summary>Hand-offs, the oldest first; <c>status</c> (default open), <c>app</c>, <c>after</c>.</summary>
    [Function(nameof(ListHandOffs)), RequiresPermission(Permission.ReadApprovals), Methods("GET")]
    public async Task<IActionResult> ListHandOffs(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/handoffs")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        HandOffStatus? status = HandOffStatus.Open;
        var wanted = request.Query["status"].ToString();
        if (wanted == "all") status = null;
        else if (wanted.Length > 0)
        {
            if (!wanted.All(char.IsAsciiLetter) || !Enum.TryParse<HandOffStatus>(wanted, ignoreCase: true, out var parsed)) return Problem.BadField("status", "must be one of open, taken, closed, all.").ToResult();
            status = parsed;
        }

        return new OkObjectResult(new { handOffs = await handOffs.ListAsync(status, Given(request, "app"), Given(request, "after"), cancellationToken) });
    }

    static string? Given(HttpRequest request, string name) => request.Query[name].ToString() is { Length: > 0 } given ? given : null;

    /// <summary>Takes or closes a hand-off: <c>{action: take|close}</c>.</summary>
    [Function(nameof(AnswerHandOff)), RequiresPermission(Permission.AnswerApprovals), Methods("POST")]
    public async Task<IActionResult> AnswerHandOff(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/handoffs/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null) return unreadable!.ToResult();
        var action = body.Text("action", required: true);
        if (action is not (null or "take" or "close")) body.Wrong("action", "must be take or close.");
        if (body.Verdict() is { } problem) return problem.ToResult();

        var caller = request.Principal();
        var answer = action == "take" ? await handOffs.TakeAsync(id, caller, cancellationToken) : await handOffs.CloseAsync(id, caller, cancellationToken);
        return answer switch
        {
            { HandOff: null } => Problem.NotFound($"There is no hand-off '{id}'.").ToResult(),
            { Allowed: false } => Problem.Forbidden($"This hand-off is for the role '{answer.HandOff.Role}'.").ToResult(),
            { Changed: false } when !(action == "take" && answer.HandOff is { Status: HandOffStatus.Taken } taken && taken.TakenBy == caller.Id) =>
                Problem.Conflict($"This hand-off is already {answer.HandOff.Status.ToString().ToLowerInvariant()}{(answer.HandOff.TakenBy is { } by ? $" by '{by}'" : "")}.").ToResult(),
            _ => new OkObjectResult(answer.HandOff),
        };
    }
}
