using AiOs.Functions.Http;
using AiOs.Orchestrations;
using AiOs.Policies.Approvals;
using AiOs.Security;
using AiOs.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Functions;

/// <summary>The questions that runs put to people, and where they are answered.</summary>
public sealed class ApprovalsApi(Approvals approvals, Masking masking, ILogger<ApprovalsApi> log)
{
    /// <summary>Approvals, oldest deadline first; <c>status</c> (default pending), <c>app</c>, <c>top</c>, <c>after</c>.</summary>
    [Function(nameof(ListApprovals)), RequiresPermission(Permission.ReadApprovals), Methods("GET")]
    public async Task<IActionResult> ListApprovals(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/approvals")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ApprovalStatus? status = ApprovalStatus.Pending;
        var wanted = request.Query["status"].ToString();
        if (wanted == "all") status = null;
        else if (wanted.Length > 0)
        {
            if (!wanted.All(char.IsAsciiLetter) || !Enum.TryParse<ApprovalStatus>(wanted, ignoreCase: true, out var parsed))
                return Problem.BadField("status", "must be one of pending, approved, rejected, expired, voided, all.").ToResult();
            status = parsed;
        }

        return new OkObjectResult(new { approvals = await approvals.ListAsync(status, request.Query["app"], 200, request.Query["after"], cancellationToken) });
    }

    /// <summary>Answers an approval, once: <c>{decision: approve|reject, comment?}</c>.</summary>
    [Function(nameof(AnswerApproval)), RequiresPermission(Permission.AnswerApprovals), Methods("POST")]
    public async Task<IActionResult> AnswerApproval(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/approvals/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null) return unreadable!.ToResult();
        var decision = body.Text("decision", required: true);
        var comment = body.Text("comment", maxBytes: 2048);
        if (decision is not (null or "approve" or "reject")) body.Wrong("decision", "must be approve or reject.");
        if (body.Verdict() is { } problem) return problem.ToResult();

        var result = await approvals.AnswerAsync(id, decision == "approve", await MaskAsync(id, comment, cancellationToken), request.Principal(), cancellationToken);
        switch (result.Outcome)
        {
            case AnswerOutcome.Answered:
                await WakeAsync(result.Approval!, client, cancellationToken);
                return new OkObjectResult(result.Approval);
            case AnswerOutcome.NotFound:
                return Problem.NotFound($"There is no approval '{id}'.").ToResult();
            case AnswerOutcome.Forbidden:
                return Problem.Forbidden($"This approval is for the role '{result.Approval!.Role}'.").ToResult();
            case AnswerOutcome.TooLate:
                return Problem.Conflict("The deadline of this approval has passed.").ToResult();
            default:
                return Problem.Conflict($"This approval is already {result.Approval!.Status.ToString().ToLowerInvariant()}.").ToResult();
        }
    }

    /// <summary>People write names and numbers into comments; all kinds are masked there.</summary>
    async Task<string?> MaskAsync(string id, string? comment, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(comment) || await approvals.GetAsync(id, cancellationToken) is not { } approval) return null;
        return (await masking.MaskForeignAsync(approval.App, comment, MaskKinds.All, cancellationToken)).Text;
    }

    async Task WakeAsync(Approval approval, DurableTaskClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.RaiseEventAsync(approval.RunId, RunEvents.Answered(approval.Id), approval.Id, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.ApprovalNotRaised(approval.RunId, approval.Id, e);
        }
    }
}
