using AiOs.Agents;
using AiOs.Agents.Scoring;
using AiOs.ControlPlane.Runs;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Orchestrations;

/// <summary>Has models score cases.</summary>
public sealed class ScoreActivities(RunContext runContext, Scorer scorer, Runs runs, StepJournal journal, TimeProvider clock)
{
    /// <summary>Asks the model of a score step. One that does not answer is no error: the outcome says so, and the policy decides what that means.</summary>
    [Function(nameof(Score))]
    public Task<StepResult> Score([ActivityTrigger] ScoreCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Call.Start, call.Call.Step, "score", call.Call.TraceParent, async () =>
    {
        var step = (await runContext.PlanAsync(call.Call.Start, cancellationToken)).Step(call.Call.Step).Score!;
        return await scorer.ScoreAsync(call.Call.Terms, step.Model, call.Inputs, new AnswerJournal(runs, call.Call.Start.RunId, call.Call.Step, clock), cancellationToken);
    }, cancellationToken);
}
