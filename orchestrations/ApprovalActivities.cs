using AiOs.Agents;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.Policies.Approvals;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Orchestrations;

/// <summary>Puts questions to people and reads what they answered.</summary>
public sealed class ApprovalActivities(RunContext runContext, Approvals approvals, Runs runs, OutcomeBuilder outcomes, StepJournal journal)
{
    /// <summary>Opens the approval (once, however often this is repeated) and lets the run wait for it.</summary>
    [Function(nameof(OpenApproval))]
    public async Task<OpenedApproval> OpenApproval([ActivityTrigger] ApprovalCall call, CancellationToken cancellationToken)
    {
        var start = call.Call.Start;
        var opened = await approvals.OpenAsync(new(start.RunId, call.Path, 0, start.App, call.Role, call.Summary, call.Proposal, call.Digest, call.PolicyVersion, start.PrincipalId, call.Within, call.OnTimeout.ToString().ToLowerInvariant()), cancellationToken);
        await journal.UnderWayAsync(start, call.Path, "approve", opened.CreatedAt, new { approval = opened.Id, role = opened.Role, deadline = opened.Deadline }, cancellationToken);
        var plan = await runContext.PlanAsync(start, cancellationToken);
        var soFar = await outcomes.BuildAsync(start, plan, RunStatus.Waiting, null, call.Results, [], cancellationToken);
        await runs.SetStatusAsync(start.RunId, RunStatus.Waiting, new("approval", opened.Id, opened.Role, opened.Deadline), soFar, cancellationToken);
        return new(opened.Id, opened.Deadline.UtcDateTime);
    }

    /// <summary>Reads what became of the approval; past its deadline it is expired. Silence means what the app says it means.</summary>
    [Function(nameof(SettleApproval))]
    public async Task<SettledApproval> SettleApproval([ActivityTrigger] SettleCall call, CancellationToken cancellationToken)
    {
        var settled = await approvals.SettleAsync(call.ApprovalId, cancellationToken);
        if (settled.Status == ApprovalStatus.Pending) return new(null, settled.Deadline.UtcDateTime);
        var outcome = settled.Status switch
        {
            ApprovalStatus.Approved => "approved",
            ApprovalStatus.Expired when call.OnTimeout == OnTimeout.Approve => "approved",
            ApprovalStatus.Expired when call.OnTimeout == OnTimeout.Reject => "rejected",
            ApprovalStatus.Expired => "expired",
            _ => "rejected",
        };
        var by = settled.AnsweredBy ?? "deadline";
        var result = await journal.RecordAsync(call.Call.Start, call.Path, "approve", call.Call.TraceParent,
            () => Task.FromResult(new StepResult(outcome, Facts.Of(("by", by), ("comment", settled.Comment), ("approval", settled.Id)), Facts.NoRefs)), cancellationToken);
        await runs.SetStatusAsync(call.Call.Start.RunId, RunStatus.Running, null, null, cancellationToken);
        return new(result, settled.Deadline.UtcDateTime);
    }
}
