using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Extraction;
using AiOs.Agents.Generation.Grounded;
using AiOs.Agents.Language;
using AiOs.Agents.Reading;
using AiOs.Agents.Translation;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Conversations;
using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;

namespace AiOs.ControlPlane.Runs;

/// <summary>A message to find the intent of.</summary>
/// <param name="Terms">Whose message it is, and in which run and step.</param>
/// <param name="Step">The detect step.</param>
/// <param name="Message">The message, masked.</param>
/// <param name="Fields">The fields that the plan's extract steps look for.</param>
/// <param name="Thread">The conversation, where there is one.</param>
/// <param name="Journal">Where attempts of models are written down.</param>
public sealed record DetectionCall(CallTerms Terms, DetectStep Step, Message Message, IReadOnlyList<FieldSpec> Fields, Conversation? Thread, IAnswerJournal Journal);

/// <summary>Finds the intent of a message, in whatever language it is written: by the app's own head, by a model that reads it or one that translates it, or not at all, so that a person has to.</summary>
public sealed class Detection(Understanding understanding, MessageReader reader, Translator translator, IBlobStore blobs, AuditLog audit, TimeProvider clock)
{
    /// <summary>The reference of a detect step to the message in English.</summary>
    public const string TranslationRef = "translation";

    /// <summary>The facts of a detect step that say what the message was written in, who read it instead of the app's head, what of it shows the intent, and why a model that was asked gave nothing.</summary>
    public const string TranslatedFromFact = "translatedFrom", ReadByFact = "readBy", EvidenceFact = "evidence", UnreadFact = "unread";

    const int LongestEvidence = 300;

    /// <summary>Finds it. What stands for the message from then on, where a model has put it into English, is <see cref="TranslationRef"/>.</summary>
    public async Task<StepResult> DetectAsync(DetectionCall call, CancellationToken cancellationToken)
    {
        var (step, message) = (call.Step, call.Message);
        var route = understanding.RouteOf(step, message.Text, call.Fields, call.Thread);
        ModelFailure? unread = null;
        if (route == OtherLanguages.Model)
        {
            var (read, failure) = await ReadAsync(call, cancellationToken);
            if (read is not null)
                return await AuditedAsync(call, read, await InEnglishAsync(call, read, cancellationToken), cancellationToken);
            (unread, route) = (failure, step.Otherwise ?? OtherLanguages.HandOff);
        }

        if (route == OtherLanguages.Translate && await translator.ToEnglishAsync(call.Terms, step.Translator!, message.Text, call.Journal, cancellationToken) is { } english)
            return await EnglishAsync(await understanding.DetectAsync(step, english.Text, call.Fields, call.Thread, null, cancellationToken), message with { Text = english.Text }, english.Language, Unread(unread), cancellationToken);
        var result = await understanding.DetectAsync(step, message.Text, call.Fields, call.Thread, route, cancellationToken);
        return unread is null ? result : With(result, Unread(unread));
    }

    /// <summary>The message in English that a result refers to; null where it was not put into English.</summary>
    public async Task<Message?> EnglishAsync(StepResult detected, CancellationToken cancellationToken) =>
        detected.Refs.TryGetValue(TranslationRef, out var reference) && await blobs.GetAsync(reference, cancellationToken) is { } bytes ? JsonSerializer.Deserialize<Message>(bytes, AiOsJson.Options) : null;

    async Task<(ReadMessage? Found, ModelFailure? Failure)> ReadAsync(DetectionCall call, CancellationToken cancellationToken)
    {
        var intents = call.Step.IntentsRef is { } reference && await blobs.GetAsync(reference, cancellationToken) is { } bytes ? JsonSerializer.Deserialize<List<ReadableIntent>>(bytes, AiOsJson.Options)!
            : throw new InvalidDataException($"The intents {call.Step.IntentsRef} are not stored.");
        var zone = MessageZone.Of(call.Message.Attributes, call.Thread);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(call.Message.ReceivedAt, zone).DateTime);
        var reply = await reader.ReadAsync(call.Terms, call.Step.Model!, new(call.Message.Text, today, intents, call.Fields), call.Journal, cancellationToken);
        return (reply.Found, reply.Failure);
    }

    async Task<StepResult> InEnglishAsync(DetectionCall call, ReadMessage read, CancellationToken cancellationToken)
    {
        var result = understanding.Detect(call.Step, new(read.Intent, read.Confidence), read.English, call.Fields, call.Thread);
        var english = call.Message with { Text = read.English, Given = read.Fields };
        (string, object?)[] facts = [(ReadByFact, call.Step.Model), (EvidenceFact, read.Evidence.Length <= LongestEvidence ? read.Evidence : null)];
        return await EnglishAsync(result, english, read.Language, facts, cancellationToken);
    }

    async Task<StepResult> EnglishAsync(StepResult result, Message english, string language, (string Name, object? Value)[] facts, CancellationToken cancellationToken)
    {
        var reference = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(english, AiOsJson.Options), cancellationToken);
        return With(result, [("language", Language.Other), (TranslatedFromFact, language), .. facts]) with { Refs = new Dictionary<string, string>(result.Refs, StringComparer.Ordinal) { [TranslationRef] = reference } };
    }

    /// <summary>That a model and not the app's own head decided what a message means stands in the log, with what it said; where it is asked again after a crash and says something else, that too, and the last word counts.</summary>
    async Task<StepResult> AuditedAsync(DetectionCall call, ReadMessage read, StepResult result, CancellationToken cancellationToken)
    {
        var detail = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["app"] = call.Terms.App, ["model"] = call.Step.Model!, ["language"] = read.Language, ["intent"] = read.Intent ?? "none", ["confidence"] = result.Facts["confidence"].GetRawText(),
        };
        await audit.AppendAsync(new("intent.read", clock.GetUtcNow(), call.Terms.RunId, call.Terms.Step, call.Terms.Principal, CanonicalJson.Digest(new { call.Message.Text }), null, result.Outcome, detail,
            $"{call.Terms.RunId}/{call.Terms.Step}/read/{(await call.Journal.ReadAsync(cancellationToken)).Attempts.Count}"), cancellationToken);
        return result;
    }

    static (string, object?)[] Unread(ModelFailure? failure) => failure is null ? [] : [(UnreadFact, failure)];

    static StepResult With(StepResult result, (string Name, object? Value)[] facts)
    {
        var all = new Dictionary<string, JsonElement>(result.Facts, StringComparer.Ordinal);
        foreach (var (name, value) in Facts.Of(facts))
            all[name] = value;
        return result with { Facts = all };
    }
}
