using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Generation;
using AiOs.Agents.Generation.Grounded;
using AiOs.Agents.Retrieval;
using AiOs.Agents.Translation;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using AiOs.Security;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Orchestrations;

/// <summary>What the app knows about a message, and the answer from it.</summary>
public sealed class AnswerActivities(RunContext runContext, IKnowledgeSearch search, AddedKnowledge added, GroundedAnswerer answerer, Translator translator, Runs runs, IBlobStore blobs, StepJournal journal, TimeProvider clock)
{
    /// <summary>The attempts to translate an answer stand beside those to write it.</summary>
    const string TranslationPath = ".translation";

    /// <summary>Finds passages for the message; they are stored as a blob, the facts hold how many and how good.</summary>
    [Function(nameof(Retrieve))]
    public Task<StepResult> Retrieve([ActivityTrigger] StepCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Start, call.Step, "retrieve", call.TraceParent, async () =>
    {
        var (step, message) = await runContext.LoadAsync(call, cancellationToken);
        var passages = await search.SearchAsync(await added.IndexAsync(call.Start.App, step.Retrieve!.IndexRef, cancellationToken), message.Text, step.Retrieve.Top, [.. (call.Start.Roles ?? []).Select(role => role.Name())], cancellationToken);
        if (passages.Count == 0) return new("nothing", Facts.Of(("passages", 0), ("topScore", 0.0)), Facts.NoRefs);
        var reference = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(passages, AiOsJson.Options), cancellationToken);
        return new("found", Facts.Of(("passages", passages.Count), ("topScore", Math.Round(passages.Max(p => p.Score), 4))), Ref("passages", reference));
    }, cancellationToken);

    /// <summary>Writes the answer: the app's own sentence first, then what the sources support, in a model's words where one is configured and else in theirs; abstains where there is neither.</summary>
    [Function(nameof(Answer))]
    public Task<StepResult> Answer([ActivityTrigger] AnswerCall call, CancellationToken cancellationToken) => journal.RecordAsync(call.Call.Start, call.Call.Step, "answer", call.Call.TraceParent, async () =>
    {
        var (step, message) = await runContext.LoadAsync(call.Call, cancellationToken);
        var request = new AnswerRequest(call.Call.Start.App, step.Answer!.Model, message.Text, await PassagesAsync(call.PassagesRef, cancellationToken))
        {
            Terms = call.Call.Terms,
        };
        var quoted = await answerer.AnswerAsync(request, new AnswerJournal(runs, call.Call.Start.RunId, call.Call.Step, clock), cancellationToken);
        var text = string.Join("\n\n", new[] { call.Said, quoted.Abstained ? null : quoted.Text }.Where(part => !string.IsNullOrWhiteSpace(part)));
        // The quotes stay in the language of their documents.
        if (text.Length > 0 && call.Call.Translated is { } foreign)
            text = await translator.FromEnglishAsync(call.Call.Terms, foreign.Model, text, foreign.Language, new AnswerJournal(runs, call.Call.Start.RunId, call.Call.Step + TranslationPath, clock), cancellationToken) ?? text;
        var abstained = text.Length == 0;
        var answer = quoted with { Text = abstained ? quoted.Text : text, Abstained = abstained, Citations = quoted.Abstained ? [] : quoted.Citations };
        var reference = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(answer, AiOsJson.Options), cancellationToken);
        var facts = Facts.Of(("support", Math.Round(quoted.Support, 4)), ("citations", answer.Citations.Count), ("origin", answer.Origin));
        return new(abstained ? "abstained" : "answered", facts, Ref("answer", reference));
    }, cancellationToken);

    async Task<IReadOnlyList<Passage>> PassagesAsync(string? reference, CancellationToken cancellationToken) =>
        reference is not null && await blobs.GetAsync(reference, cancellationToken) is { } bytes ? JsonSerializer.Deserialize<List<Passage>>(bytes, AiOsJson.Options)! : [];

    static Dictionary<string, string> Ref(string name, string reference) => new(StringComparer.Ordinal) { [name] = reference };
}
