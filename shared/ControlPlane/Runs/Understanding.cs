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
    /// <summary>Finds the intent. The answer to a question that the conversation asked keeps the conversation's intent, unless the message clearly has one of its own.</summary>
    public async Task<StepResult> DetectAsync(DetectStep step, string text, Conversation? thread, CancellationToken cancellationToken)
    {
        var found = await classifier.ClassifyAsync(step.HeadRef, text, cancellationToken);
        var matched = !found.OutOfScope && found.Confidence >= step.MinConfidence;
        var intent = found.Intent;
        if (!matched && thread is { OpenQuestion: not null, Intent: { } underDiscussion }) (matched, intent) = (true, underDiscussion);
        return new(matched ? "matched" : "outOfScope", Facts.Of(
            ("intent", intent),
            ("confidence", Math.Round(found.Confidence, 4)),
            ("alternatives", found.Alternatives.Select(a => new OutcomeAlternative(a.Intent, Math.Round(a.Confidence, 4))))), Facts.NoRefs);
    }

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
