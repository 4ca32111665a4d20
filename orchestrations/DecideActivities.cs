using AiOs.Agents;
using AiOs.ControlPlane.Runs;
using AiOs.Governance;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Orchestrations;

/// <summary>Puts verdicts on record.</summary>
public sealed class DecideActivities(AuditLog audit, StepJournal journal)
{
    /// <summary>Records the verdict of a policy over recorded facts; nothing acts on a verdict that is not in the audit log.</summary>
    [Function(nameof(Decide))]
    public Task<StepResult> Decide([ActivityTrigger] DecideCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Call.Start, call.Call.Step, "decide", call.Call.TraceParent, async () =>
    {
        var (start, decision) = (call.Call.Start, call.Decision);
        await audit.AppendAsync(new("decision.made", journal.Now, start.RunId, call.Call.Step, start.PrincipalId, null, call.PolicyVersion, decision.Outcome,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = start.App, ["version"] = start.Version, ["rule"] = decision.Rule, ["reason"] = decision.Reason },
            $"{start.RunId}/{call.Call.Step}/decision"), cancellationToken);
        return new(decision.Outcome, Facts.Of(("rule", decision.Rule), ("reason", decision.Reason), ("by", decision.By)), Facts.NoRefs);
    }, cancellationToken);
}
