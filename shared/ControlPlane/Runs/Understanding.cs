using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Extraction;
using AiOs.Agents.Intent;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Conversations;

namespace AiOs.ControlPlane.Runs;

/// <summary>What a message means in its conversation: the results of detect and extract steps.</summary>
public sealed class Understanding(IntentClassifier classifier, FieldExtractor extractor)
{
    /// <summary>Finds the intent. A message that answers the conversation's open question, or that has no clear intent of its own while one is open, keeps the conversation's intent.</summary>
    /// <param name="step">The detect step.</param>
    /// <param name="text">The masked text.</param>
    /// <param name="fields">The fields that the plan's extract steps look for.</param>
    /// <param name="thread">The conversation, where there is one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StepResult> DetectAsync(DetectStep step, string text, IEnumerable<FieldSpec> fields, Conversation? thread, CancellationToken cancellationToken)
    {
        var found = await classifier.ClassifyAsync(step.HeadRef, text, cancellationToken);
        var matched = !found.OutOfScope && found.Confidence >= step.MinConfidence;
        var (intent, confidence) = (found.Intent, found.Confidence);
        if (thread is { OpenQuestion: { } question, Intent: { } underDiscussion } && (!matched || Answers(text, question, fields)))
            (matched, intent, confidence) = (true, underDiscussion, 1);
        return new(matched ? "matched" : "outOfScope", Facts.Of(
            ("intent", intent),
            ("confidence", Math.Round(confidence, 4)),
            ("alternatives", found.Alternatives.Select(a => new OutcomeAlternative(a.Intent, Math.Round(a.Confidence, 4))))), Facts.NoRefs);
    }

    bool Answers(string text, Question question, IEnumerable<FieldSpec> fields) =>
        fields.FirstOrDefault(field => field.Name == question.Field) is { } asked && extractor.Extract(text, [asked], DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc).Fields.ContainsKey(asked.Name);

    /// <summary>Finds the fields. While the conversation has an open question, what it has learned before fills what this message leaves out.</summary>
    public StepResult Extract(ExtractStep step, string text, DateTimeOffset receivedAt, Conversation? thread)
    {
        var found = extractor.Extract(text, step.Fields, receivedAt, TimeZoneInfo.Utc);
        var values = found.Fields.ToDictionary(field => field.Key, field => field.Value.Value, StringComparer.Ordinal);
        if (thread is { OpenQuestion: not null })
            foreach (var field in step.Fields)
                if (!values.ContainsKey(field.Name) && thread.Fields.TryGetValue(field.Name, out var known))
                    values[field.Name] = known;
        var missing = step.Fields.Where(field => !field.Optional && !values.ContainsKey(field.Name)).Select(field => field.Name).ToList();
        values["missing"] = JsonSerializer.SerializeToElement(missing);
        return new(missing.Count == 0 ? "complete" : "missing", values, Facts.NoRefs);
    }
}
