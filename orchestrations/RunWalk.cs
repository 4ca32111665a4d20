using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Actions;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using Microsoft.DurableTask;

namespace AiOs.Orchestrations;

/// <summary>Walks the steps of one plan. Everything that it branches on stands in the history; everything that happens is an activity.</summary>
sealed class RunWalk(TaskOrchestrationContext context, RunStart start, Plan plan, RunBegin begin)
{
    readonly CompiledPlan compiled = CompiledPlan.For(start.PlanDigest, plan);
    readonly Dictionary<string, StepResult> results = new(StringComparer.Ordinal);
    readonly ApprovalWait approvals = new(context);
    // What the approvals so far say about act steps: the digest that was approved (empty: its arguments could not be shown), or null where the answer was not yes. The latest answer counts.
    readonly Dictionary<string, string?> answers = new(StringComparer.Ordinal);
    readonly Stack<Done> done = [];
    readonly List<OutcomeAction> actions = [];
    StepFacts facts = StepFacts.Start(plan, begin.Input);
    string? passagesRef;
    TranslatedCall? translated;
    bool asks;
    Interruption? interruption = begin.Interruption;

    /// <summary>An action to take back if the run breaks; one that is not certain failed, but may have happened all the same.</summary>
    sealed record Done(PlanStep Step, JsonElement Arguments, string PolicyVersion, bool Certain);

    static readonly RunEnd CancelledEnd = new(RunStatus.Cancelled, "Cancelled on request.");

    /// <summary>Walks, undoes where the walk broke, and writes the end.</summary>
    public async Task<RunEnd> RunAsync()
    {
        var end = await WalkAsync();
        if (end.Status is RunStatus.Failed or RunStatus.Cancelled) end = await UndoAllAsync(end);
        await context.CallActivityAsync(nameof(RunActivities.FinishRun), new FinishCall(start, end, results, actions, begin.Turn, begin.TraceParent, interruption), Retries.Insist);
        return end;
    }

    async Task<RunEnd> WalkAsync()
    {
        foreach (var step in plan.Steps)
        {
            if (approvals.Cancelled) return CancelledEnd;
            if (interruption is not null) break;
            try
            {
                if (Applies(step) && await TakeAsync(step) is { } broken) return broken;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                return new(RunStatus.Failed, $"Step '{step.Id}' failed: {Failures.Reason(e)}");
            }
        }

        return approvals.Cancelled ? CancelledEnd : Verdict();
    }

    /// <summary>A step without <c>when</c>, or whose <c>when</c> holds. While a required field is missing nothing is scored, decided, approved or done; and what people were asked about and did not approve is not done, whatever its <c>when</c>.</summary>
    bool Applies(PlanStep step) => !(asks && step.Kind is StepKind.Score or StepKind.Decide or StepKind.Approve or StepKind.Act)
        && !(step.Kind == StepKind.Act && answers.TryGetValue(step.Id, out var answer) && answer is null)
        && compiled.When(step.Id, facts).Runs;

    async Task<RunEnd?> TakeAsync(PlanStep step)
    {
        var call = new StepCall(start, step.Id, begin.TraceParent, translated);
        switch (step.Kind)
        {
            case StepKind.Approve:
                return await ApproveAsync(step, call);
            case StepKind.Act:
                return await ActAsync(step, call);
            case StepKind.Score:
                Record(step, await CallAsync(nameof(ScoreActivities.Score), new ScoreCall(call, compiled.Arguments(step.Id, facts).Value)));
                return null;
            case StepKind.Decide:
                Record(step, await CallAsync(nameof(DecideActivities.Decide), new DecideCall(call, compiled.Decide(step.Id, facts), step.Decide!.Policy.Version)));
                return null;
            case StepKind.Detect:
                var detected = Record(step, await CallAsync(nameof(UnderstandActivities.Detect), call));
                interruption = InterruptionOf(detected);
                if (detected.Refs.TryGetValue(Detection.TranslationRef, out var message))
                    translated = new(message, Text(detected, Detection.TranslatedFromFact)!, Text(detected, Detection.ReadByFact) ?? step.Detect!.Translator!);
                return null;
            case StepKind.Extract:
                asks |= Record(step, await CallAsync(nameof(UnderstandActivities.Extract), call)).Outcome == "missing";
                return null;
            case StepKind.Retrieve:
                passagesRef = Record(step, await CallAsync(nameof(AnswerActivities.Retrieve), call)).Refs.GetValueOrDefault("passages") ?? passagesRef;
                return null;
            default:
                Record(step, await CallAsync(nameof(AnswerActivities.Answer), new AnswerCall(call, compiled.Say(step.Id, facts), passagesRef)));
                return null;
        }
    }

    /// <summary>Asks people about what would be done if they said yes; the answer is bound to the digest of exactly that.</summary>
    async Task<RunEnd?> ApproveAsync(PlanStep step, StepCall call)
    {
        var ask = step.Approve!;
        var (covered, proposed) = (compiled.Covered(step.Id, facts), compiled.Proposal(step.Id, facts));
        var reason = plan.Steps.TakeWhile(s => s.Id != step.Id).Where(s => s.Kind == StepKind.Decide && results.ContainsKey(s.Id)).Select(s => Text(results[s.Id], "reason")).LastOrDefault();
        var question = new ApprovalCall(call, step.Id, ask.Role, ask.Within, ask.OnTimeout, reason ?? plan.Summary,
            JsonSerializer.SerializeToElement(proposed, AiOsJson.Options), Digest(proposed), compiled.PolicyVersion(step.Id, facts), results);
        var settled = await approvals.AskAsync(question);
        if (settled is { Outcome: "expired" } && ask.OnTimeout == OnTimeout.Escalate)
            settled = await approvals.AskAsync(question with { Path = step.Id + "/escalated", Role = "owner" });
        if (settled is null) return CancelledEnd;
        Record(step, settled);
        foreach (var act in covered) answers[act.Id] = settled.Outcome == "approved" ? "" : null;
        if (settled.Outcome == "approved")
            foreach (var action in proposed) answers[action.Step] = action.Digest;
        return null;
    }

    static string Digest(IReadOnlyList<ProposedAction> proposed) => proposed.Count == 1 ? proposed[0].Digest : CanonicalJson.Digest(proposed.Select(action => action.Digest).ToList());

    async Task<RunEnd?> ActAsync(PlanStep step, StepCall call)
    {
        var act = step.Act!;
        var prepared = compiled.Arguments(step.Id, facts);
        if (prepared.Value is not { } arguments) return new(RunStatus.Failed, $"Step '{step.Id}' could not be prepared: {prepared.Error}");
        var version = compiled.PolicyVersion(step.Id, facts);
        // From here on it may have happened, whatever becomes of the activity: where the walk breaks, the undo asks the ledger.
        done.Push(new(step, arguments, version, Certain: false));
        actions.Add(new(step.Id, act.Call, "unknown", ""));
        var result = await CallAsync(nameof(ActActivities.Act), new ActCall(call, act.Call, arguments, version, ApprovedDigest(step)));
        if (result.Outcome == "unknown")
        {
            Record(step, result);
            actions[^1] = actions[^1] with { Key = Text(result, "key") ?? "" };
            var (answered, found) = await AskWhatHappenedAsync(step, call, arguments, version);
            if (!answered) return CancelledEnd;
            if (found is null) return new(RunStatus.Failed, $"Step '{step.Id}' failed: it is not known whether '{act.Call}' took effect, and nobody found out in time.");
            result = found;
        }

        Record(step, result);
        actions[^1] = new(step.Id, act.Call, result.Outcome, Text(result, "key") ?? "");
        done.Pop();
        if (result.Outcome is "done" or "unknown" || result.Refs.ContainsKey(ActActivities.MayHaveHappened)) done.Push(new(step, arguments, version, result.Outcome == "done"));
        return result.Outcome == "done" ? null : new(RunStatus.Failed, $"Step '{step.Id}' failed: {Failures.Short(ActActivities.Reason(result) ?? result.Outcome)}");
    }

    /// <summary>Null where no approval stands before this action; else the digest that was approved, or empty where what would be done could not be shown before the answer.</summary>
    string? ApprovedDigest(PlanStep step)
    {
        if (answers.TryGetValue(step.Id, out var digest)) return digest;
        var approved = plan.Steps.TakeWhile(s => s.Id != step.Id).Where(s => s.Kind == StepKind.Approve && facts[s.Id].Outcome == "approved").Select(s => s.Id).ToList();
        return compiled.DependsOn(step.Id, approved, facts) ? "" : null;
    }

    /// <summary>Nobody knows whether the action took effect, and it may not be sent again: a person looks and says. Not answered: the run was cancelled meanwhile.
    /// No result: nobody said anything until the deadline, and silence is no finding; the action stays unknown.</summary>
    async Task<(bool Answered, StepResult? Found)> AskWhatHappenedAsync(PlanStep step, StepCall call, JsonElement arguments, string version)
    {
        var connector = step.Act!.Call;
        var question = $"It is not known whether '{connector}' took effect, and it is never sent twice. Look into the system behind it: approve = it happened, reject = it did not.";
        var proposal = JsonSerializer.SerializeToElement(new { step = step.Id, call = connector, arguments }, AiOsJson.Options);
        var settled = await approvals.AskAsync(new(call, step.Id + "/unknown", "operator", TimeSpan.FromDays(7), OnTimeout.Escalate, question, proposal, ActionKey.Digest(connector, arguments, version), version, results));
        if (settled is null) return (false, null);
        if (settled.Outcome == "expired") return (true, null);
        var verdict = settled.Outcome == "approved" ? ActionVerdict.Happened : ActionVerdict.DidNotHappen;
        return (true, await CallAsync(nameof(ActActivities.Resolve), new ResolveCall(call, connector, arguments, version, verdict, Text(settled, "by") ?? "unknown")));
    }

    async Task<RunEnd> UndoAllAsync(RunEnd end)
    {
        while (done.TryPop(out var last))
        {
            var undone = new UndoEnd(Undone: false, null);
            if (last.Step.Act!.Undo is { } undo) undone = await UndoAsync(new(new(start, last.Step.Id, begin.TraceParent), last.Step.Act.Call, undo, last.Arguments, last.PolicyVersion));
            else if (last.Certain) continue;
            var index = actions.FindIndex(action => action.Step == last.Step.Id);
            if (undone.Undone) actions[index] = actions[index] with { Status = "undone" };
            else if (last.Certain) (end, actions[index]) = (new(RunStatus.UndoFailed, $"{end.Reason} Undoing '{last.Step.Id}' failed: {Failures.Short(undone.Reason ?? "no reason given")}"), actions[index] with { Status = "undoFailed" });
            else end = end with { Reason = $"{end.Reason} '{last.Step.Act.Call}' may have happened all the same, and could not be taken back." };
        }

        return end;
    }

    async Task<UndoEnd> UndoAsync(UndoCall call)
    {
        try
        {
            return await context.CallActivityAsync<UndoEnd>(nameof(ActActivities.Undo), call, Retries.Infrastructure);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new(Undone: false, Failures.Reason(e));
        }
    }

    /// <summary>Rejected where a policy denied or a person refused (silence included); else completed, a question to the customer included.</summary>
    RunEnd Verdict()
    {
        if (interruption is not null) return new(RunStatus.Completed, null);
        var refused = asks ? null : plan.Steps.FirstOrDefault(step => (step.Kind == StepKind.Decide && facts[step.Id].Outcome == "deny") || (step.Kind == StepKind.Approve && facts[step.Id].Outcome is "rejected" or "expired"));
        return refused is null ? new(RunStatus.Completed, null) : new(RunStatus.Rejected, Text(facts[refused.Id], "reason") ?? $"The approval '{refused.Id}' was {facts[refused.Id].Outcome}.");
    }

    static Interruption? InterruptionOf(StepResult detected) =>
        Text(detected, Understanding.HandOffFact) is { } reason && Enum.TryParse<HandOffReason>(reason, ignoreCase: true, out var needed) ? Interruptions.Of(needed) : null;

    Task<StepResult> CallAsync(string activity, object input) => context.CallActivityAsync<StepResult>(activity, input, Retries.Infrastructure);

    StepResult Record(PlanStep step, StepResult result)
    {
        results[step.Id] = result;
        facts = facts.With(step.Id, result);
        return result;
    }

    static string? Text(StepResult result, string fact) =>
        result.Facts.TryGetValue(fact, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
