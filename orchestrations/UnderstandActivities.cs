using AiOs.Agents;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Orchestrations;

/// <summary>What a message means: its intent and its fields.</summary>
public sealed class UnderstandActivities(RunContext runContext, Detection detection, Understanding understanding, Conversations conversations, Runs runs, StepJournal journal, TimeProvider clock)
{
    /// <summary>Finds the intent.</summary>
    [Function(nameof(Detect))]
    public Task<StepResult> Detect([ActivityTrigger] StepCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Start, call.Step, "detect", call.TraceParent, async () =>
    {
        var (step, message) = await runContext.LoadAsync(call, cancellationToken);
        var fields = (await runContext.PlanAsync(call.Start, cancellationToken)).Fields.ToList();
        var thread = await ThreadAsync(call, cancellationToken);
        // A message that an earlier step had put into English is read as such.
        return call.Translated is null
            ? await detection.DetectAsync(new(call.Terms, step.Detect!, message, fields, thread, new AnswerJournal(runs, call.Start.RunId, call.Step, clock)), cancellationToken)
            : await understanding.DetectAsync(step.Detect!, message.Text, fields, thread, null, cancellationToken);
    }, cancellationToken);

    /// <summary>Finds the fields.</summary>
    [Function(nameof(Extract))]
    public Task<StepResult> Extract([ActivityTrigger] StepCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Start, call.Step, "extract", call.TraceParent, async () =>
    {
        var (step, message) = await runContext.LoadAsync(call, cancellationToken);
        return understanding.Extract(step.Extract!, message, await ThreadAsync(call, cancellationToken));
    }, cancellationToken);

    async Task<Conversation?> ThreadAsync(StepCall call, CancellationToken cancellationToken) =>
        call.Start.ConversationId is { } id ? await conversations.GetAsync(call.Start.App, id, cancellationToken) : null;
}
