using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Generation;
using AiOs.ControlPlane.Apps;
using AiOs.DataPlane;

namespace AiOs.ControlPlane.Runs;

/// <summary>Folds the results of a run's steps into its outcome: the last word of each kind of step.</summary>
public sealed class OutcomeBuilder(IBlobStore blobs)
{
    /// <summary>The outcome of a run whose steps have left <paramref name="results"/> so far.</summary>
    public async Task<RunOutcome> BuildAsync(
        RunStart start, Plan? plan, RunStatus status, string? reason, IReadOnlyDictionary<string, StepResult> results, IReadOnlyList<OutcomeAction> actions, CancellationToken cancellationToken)
    {
        var outcome = new RunOutcome
        {
            RunId = start.RunId, App = start.App, Version = start.Version, ConversationId = start.ConversationId, Status = status, Reason = reason, Actions = actions,
        };
        foreach (var step in plan?.Steps ?? [])
            if (results.TryGetValue(step.Id, out var result))
                outcome = step.Kind switch
                {
                    StepKind.Detect => outcome with { Intent = Intent(result) },
                    StepKind.Extract => outcome with { Asks = Asks(step.Extract!, result) ?? outcome.Asks },
                    StepKind.Decide => outcome with { Decision = new(result.Outcome, Text(result, "rule") ?? "", Text(result, "reason") ?? "") },
                    StepKind.Answer => outcome with { Answer = await AnswerAsync(result, cancellationToken) ?? outcome.Answer },
                    _ => outcome,
                };
        return outcome;
    }

    static OutcomeIntent Intent(StepResult result) => new(
        result.Outcome == "matched" ? Text(result, "intent") ?? "" : "outOfScope",
        result.Facts["confidence"].GetDouble(),
        result.Facts.TryGetValue("alternatives", out var alternatives) ? alternatives.Deserialize<List<OutcomeAlternative>>(AiOsJson.Options)! : [],
        Text(result, Detection.ReadByFact));

    static Question? Asks(ExtractStep step, StepResult result)
    {
        if (result.Outcome != "missing" || !result.Facts.TryGetValue("missing", out var missing) || missing.GetArrayLength() == 0) return null;
        var field = step.Fields.First(f => f.Name == missing[0].GetString());
        return new(field.Name, JsonNamingPolicy.CamelCase.ConvertName(field.Kind.ToString()), field.Choices, Conversations.Sentences.Ask(field));
    }

    async Task<OutcomeAnswer?> AnswerAsync(StepResult result, CancellationToken cancellationToken)
    {
        if (!result.Refs.TryGetValue("answer", out var reference) || await blobs.GetAsync(reference, cancellationToken) is not { } bytes) return null;
        var answer = JsonSerializer.Deserialize<Answer>(bytes, AiOsJson.Options)!;
        return new(answer.Text, answer.Citations, answer.Origin);
    }

    static string? Text(StepResult result, string fact) =>
        result.Facts.TryGetValue(fact, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
