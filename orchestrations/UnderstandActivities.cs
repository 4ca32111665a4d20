using AiOs.Agents;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Orchestrations;

/// <summary>What a message means: its intent and its fields.</summary>
public sealed class UnderstandActivities(RunContext runContext, Understanding understanding, Conversations conversations, StepJournal journal)
{
    /// <summary>Finds the intent.</summary>
    [Function(nameof(Detect))]
    public Task<StepResult> Detect([ActivityTrigger] StepCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Start, call.Step, "detect", call.TraceParent, async () =>
    {
        var (step, message) = await runContext.LoadAsync(call, cancellationToken);
        var fields = (await runContext.PlanAsync(call.Start, cancellationToken)).Fields.ToList();
        return await understanding.DetectAsync(step.Detect!, message.Text, fields, await ThreadAsync(call, cancellationToken), cancellationToken);
    }, cancellationToken);

    /// <summary>Finds the fields.</summary>
    [Function(nameof(Extract))]
    public Task<StepResult> Extract([ActivityTrigger] StepCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Start, call.Step, "extract", call.TraceParent, async () =>
    {
        var (step, message) = await runContext.LoadAsync(call, cancellationToken);
        return understanding.Extract(step.Extract!, message.Text, message.ReceivedAt, message.Attributes, await ThreadAsync(call, cancellationToken));
    }, cancellationToken);

    async Task<Conversation?> ThreadAsync(StepCall call, CancellationToken cancellationToken) =>
        call.Start.ConversationId is { } id ? await conversations.GetAsync(call.Start.App, id, cancellationToken) : null;
}
