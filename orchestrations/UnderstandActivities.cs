using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Extraction;
using AiOs.Agents.Language;
using AiOs.Agents.Translation;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Orchestrations;

/// <summary>What a message means: its intent and its fields.</summary>
public sealed class UnderstandActivities(RunContext runContext, Understanding understanding, Translator translator, Conversations conversations, Runs runs, IBlobStore blobs, StepJournal journal, TimeProvider clock)
{
    /// <summary>The reference of a detect step to the message in English, and the fact that says what it was written in.</summary>
    public const string TranslationRef = "translation", TranslatedFromFact = "translatedFrom";

    /// <summary>Finds the intent.</summary>
    [Function(nameof(Detect))]
    public Task<StepResult> Detect([ActivityTrigger] StepCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Start, call.Step, "detect", call.TraceParent, async () =>
    {
        var (step, message) = await runContext.LoadAsync(call, cancellationToken);
        var fields = (await runContext.PlanAsync(call.Start, cancellationToken)).Fields.ToList();
        var thread = await ThreadAsync(call, cancellationToken);
        if (call.Translated is null && understanding.NeedsTranslation(step.Detect!, message.Text, fields, thread)
            && await translator.ToEnglishAsync(call.Terms, step.Detect!.Translator!, message.Text, new AnswerJournal(runs, call.Start.RunId, call.Step, clock), cancellationToken) is { } english)
            return await DetectAsync(step.Detect!, message with { Text = english.Text }, english.Language, fields, thread, cancellationToken);
        return await understanding.DetectAsync(step.Detect!, message.Text, fields, thread, cancellationToken);
    }, cancellationToken);

    async Task<StepResult> DetectAsync(DetectStep step, Message english, string language, IReadOnlyList<FieldSpec> fields, Conversation? thread, CancellationToken cancellationToken)
    {
        var result = await understanding.DetectAsync(step, english.Text, fields, thread, cancellationToken);
        var reference = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(english, AiOsJson.Options), cancellationToken);
        return result with
        {
            Facts = new Dictionary<string, JsonElement>(result.Facts, StringComparer.Ordinal) { ["language"] = JsonSerializer.SerializeToElement(Language.Other, AiOsJson.Options), [TranslatedFromFact] = JsonSerializer.SerializeToElement(language) },
            Refs = new Dictionary<string, string>(result.Refs, StringComparer.Ordinal) { [TranslationRef] = reference },
        };
    }

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
