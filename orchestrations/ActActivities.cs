using AiOs.Agents;
using AiOs.Agents.Actions;
using AiOs.ControlPlane.Runs;
using AiOs.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace AiOs.Orchestrations;

/// <summary>Acts on the outside world, once; takes back what was done; and records what people found out.</summary>
public sealed class ActActivities(RunContext runContext, ActionRunner runner, StepJournal journal, ILogger<ActActivities> log)
{
    /// <summary>The name of the reference that marks a failed action which may have happened all the same: its undo is worth running.</summary>
    public const string MayHaveHappened = "mayHaveHappened";

    /// <summary>Carries out an action. An approval that stands before it must have been for exactly this action, else nothing is sent.</summary>
    [Function(nameof(Act))]
    public Task<StepResult> Act([ActivityTrigger] ActCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Call.Start, call.Call.Step, "act", call.Call.TraceParent, async () =>
    {
        var request = await RequestAsync(call.Call, call.Connector, call.Arguments, call.PolicyVersion, cancellationToken);
        if (call.ApprovedDigest is { } approved && !string.Equals(approved, request.Digest, StringComparison.Ordinal))
            return Result(new(ActionOutcome.Failed, request.Key, null, approved.Length > 0
                ? "The approval was for another action or other arguments; it is void and nothing was sent."
                : "The approval could not show this action, because its arguments were not known before the answer; nothing was sent. Let them depend neither on the approval nor on an action that the approval covers."));
        await journal.UnderWayAsync(call.Call.Start, call.Call.Step, "act", journal.Now, new { call = call.Connector }, cancellationToken);
        return Result(await runner.RunAsync(request, cancellationToken));
    }, cancellationToken);

    /// <summary>Records what a person found out about an action whose outcome was unknown.</summary>
    [Function(nameof(Resolve))]
    public Task<StepResult> Resolve([ActivityTrigger] ResolveCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Call.Start, call.Call.Step, "act", call.Call.TraceParent, async () =>
    {
        var request = await RequestAsync(call.Call, call.Connector, call.Arguments, call.PolicyVersion, cancellationToken);
        return Result(await runner.ResolveUnknownAsync(request.Key, call.Verdict, call.By, null, cancellationToken)
            ?? throw new InvalidOperationException($"Run {call.Call.Start.RunId} has no action {request.Key} whose outcome is unknown."));
    }, cancellationToken);

    /// <summary>Takes a completed action back.</summary>
    [Function(nameof(Undo))]
    public async Task<UndoEnd> Undo([ActivityTrigger] UndoCall call, CancellationToken cancellationToken)
    {
        var step = call.Call.Step + "/undo";
        var result = await journal.RecordAsync(call.Call.Start, step, "undo", call.Call.TraceParent, async () =>
        {
            var request = await RequestAsync(call.Call, call.Connector, call.Arguments, call.PolicyVersion, cancellationToken);
            var undo = (await runContext.PlanAsync(call.Call.Start, cancellationToken)).Connectors[call.UndoConnector];
            return Result(await runner.UndoAsync(request, undo, cancellationToken));
        }, cancellationToken);
        if (result.Outcome == "undone") return new(Undone: true, null);
        log.UndoFailed(call.Call.Start.RunId, call.Call.Step, Reason(result) ?? result.Outcome);
        return new(Undone: false, Reason(result) ?? result.Outcome);
    }

    /// <summary>Why an action did not end well.</summary>
    public static string? Reason(StepResult result) => result.Facts.TryGetValue("error", out var reason) ? reason.GetString() : null;

    async Task<ActionRequest> RequestAsync(StepCall call, string connector, System.Text.Json.JsonElement arguments, string policyVersion, CancellationToken cancellationToken)
    {
        var plan = await runContext.PlanAsync(call.Start, cancellationToken);
        return new(call.Start.RunId, call.Start.App, call.Step, 0, plan.Connectors[connector], arguments, call.Start.PrincipalId, policyVersion);
    }

    static StepResult Result(ActionResult result)
    {
        var facts = Facts.Of(("key", result.Key), ("result", result.Result), ("error", result.Reason));
        var refs = result.MayHaveHappened ? new Dictionary<string, string>(StringComparer.Ordinal) { [MayHaveHappened] = "" } : Facts.NoRefs;
        return new(result.Outcome.ToString().ToLowerInvariant(), facts, refs);
    }
}
