using System.Text.Json;
using AiOs.Agents;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;

namespace AiOs.ControlPlane.Conversations;

/// <summary>A run at its end, before its conversation has a say.</summary>
/// <param name="Start">The run.</param>
/// <param name="Plan">Its plan.</param>
/// <param name="Results">What its steps left.</param>
/// <param name="Turn">The conversation's turn as the run found it.</param>
/// <param name="Interruption">Why the steps were not walked to their end, where nothing failed.</param>
/// <param name="Outcome">What the steps come to.</param>
public sealed record EndingTurn(RunStart Start, Plan Plan, IReadOnlyDictionary<string, StepResult> Results, long Turn, Interruption? Interruption, RunOutcome Outcome);

/// <summary>What a run leaves in its conversation, and what the conversation adds to the run's outcome: the question (again), the person who takes over.</summary>
public sealed class TurnEnds(HandOffs handOffs)
{
    /// <summary>The outcome as the customer sees it, and what the conversation holds from now on (null: what it held).</summary>
    public async Task<(RunOutcome Outcome, ConversationCommit? Commit)> EndAsync(EndingTurn end, Conversation before, CancellationToken cancellationToken)
    {
        if (end.Interruption is { } interruption && end.Outcome.Status == RunStatus.Completed)
            return (await InterruptedAsync(end, interruption, before, cancellationToken), interruption == Interruption.Cancel ? Cleared(end, before) : null);
        var digression = Digression(end, before);
        var outcome = Asking(end.Outcome with { Asks = end.Outcome.Asks ?? digression });
        if (outcome.Intent is { } intent && end.Plan.HandOff is { Intents: { } handed } && handed.Contains(intent.Name, StringComparer.Ordinal))
            outcome = outcome with { HandOff = await OpenAsync(end, HandOffReason.Asked, cancellationToken) };
        return (outcome, Learned(end, before, outcome, digression is not null));
    }

    async Task<RunOutcome> InterruptedAsync(EndingTurn end, Interruption interruption, Conversation before, CancellationToken cancellationToken) => end.Outcome with
    {
        Answer = new(interruption.Say(before, end.Plan.HandOff), []),
        HandOff = ((Interruption?)interruption).NeedsPerson() is { } reason ? await OpenAsync(end, reason, cancellationToken) : null,
    };

    async Task<OutcomeHandOff> OpenAsync(EndingTurn end, HandOffReason reason, CancellationToken cancellationToken)
    {
        var opened = await handOffs.OpenAsync(end.Start, (end.Plan.HandOff ?? HandOffRule.Standard).Role, reason, cancellationToken);
        return new(opened.Id, opened.Role, Wire(opened.Reason), Wire(opened.Status));
    }

    static string Wire<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The open question that the run has left aside; null where it has not, or asks something itself: then the subject has changed.</summary>
    static Question? Digression(EndingTurn end, Conversation before) => end.Outcome.Asks is null && end.Results.Values.Any(result => result.Facts.ContainsKey(Understanding.DigressionFact)) ? before.OpenQuestion : null;

    /// <summary>The question stands in the answer too, for channels that show nothing else.</summary>
    static RunOutcome Asking(RunOutcome outcome) => outcome.Asks?.Text is { } question
        ? outcome with { Answer = outcome.Answer is { Text.Length: > 0 } answer ? answer with { Text = answer.Text + "\n\n" + question } : new(question, []) }
        : outcome;

    static ConversationCommit Cleared(EndingTurn end, Conversation before) =>
        new(end.Turn, before.Fields.Where(field => field.Key == MessageZone.Name).ToDictionary(StringComparer.Ordinal), null, null);

    /// <summary>A question keeps what was learned for the answer; otherwise the thread keeps its fields for expressions and its intent.</summary>
    static ConversationCommit Learned(EndingTurn end, Conversation before, RunOutcome outcome, bool digression)
    {
        var fields = new Dictionary<string, JsonElement>(before.Fields, StringComparer.Ordinal);
        foreach (var step in end.Plan.Steps.Where(step => step.Kind == StepKind.Extract))
            if (end.Results.TryGetValue(step.Id, out var result))
                foreach (var name in step.Extract!.Fields.Select(field => field.Name).Append(MessageZone.Name))
                    if (result.Facts.TryGetValue(name, out var value))
                        fields[name] = value;
        var intent = digression || outcome.Intent is not { Name: not "outOfScope" } found ? before.Intent : found.Name;
        return new(end.Turn, fields, intent, outcome.Asks);
    }
}
