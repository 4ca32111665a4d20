using System.Text;
using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Extraction;
using AiOs.Agents.Intent;
using AiOs.Agents.Language;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Conversations;

namespace AiOs.ControlPlane.Runs;

/// <summary>What somebody made of a message.</summary>
/// <param name="Intent">Null where it is none of the app's.</param>
/// <param name="Confidence">In [0, 1].</param>
/// <param name="Nearest">The intent that it is most like where it is none.</param>
/// <param name="Alternatives">The runners-up, where there are any.</param>
public sealed record IntentReading(string? Intent, double Confidence, string? Nearest = null, IReadOnlyList<IntentScore>? Alternatives = null);

/// <summary>What a message means in its conversation: the results of detect and extract steps.</summary>
public sealed class Understanding(IntentClassifier classifier, FieldExtractor extractor, TurnReader turns)
{
    /// <summary>The fact of a detect step that says why the message goes to a person instead of on through the steps: a <see cref="HandOffReason"/>.</summary>
    public const string HandOffFact = "handOff";

    /// <summary>The fact of a detect step that says that the conversation's open question is to be put again.</summary>
    public const string DigressionFact = "digression";

    /// <summary>The facts of a step travel through the history, which takes 8 KB of them; the rest is for the other fields and for names.</summary>
    const int MostTextBytes = 6 * 1024;

    /// <summary>Finds the intent by the app's head. A message that goes on with what is under discussion keeps the conversation's intent.</summary>
    /// <param name="step">The detect step.</param>
    /// <param name="text">The masked text.</param>
    /// <param name="fields">The fields that the plan's extract steps look for.</param>
    /// <param name="thread">The conversation, where there is one.</param>
    /// <param name="route">What <see cref="RouteOf"/> says, or what is left of it: a message that is to be dealt with as one in another language is none that matches.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StepResult> DetectAsync(DetectStep step, string text, IReadOnlyList<FieldSpec> fields, Conversation? thread, OtherLanguages? route, CancellationToken cancellationToken)
    {
        var found = await classifier.ClassifyAsync(step.HeadRef, text, cancellationToken);
        return Detect(step, new(found.OutOfScope ? null : found.Intent, found.Confidence, found.Intent, found.Alternatives), text, fields, thread, route);
    }

    /// <summary>The same, where somebody else has read the message.</summary>
    public StepResult Detect(DetectStep step, IntentReading read, string text, IReadOnlyList<FieldSpec> fields, Conversation? thread, OtherLanguages? route = null)
    {
        var matched = read.Intent is not null && read.Confidence >= step.MinConfidence;
        var (intent, confidence) = (read.Intent ?? read.Nearest ?? "", read.Confidence);
        var turn = turns.Read(text, fields, thread, matched ? read.Intent : null);
        if (route is not null)
            (matched, confidence) = (false, 0);
        else if (turn == TurnKind.Continues)
            (matched, intent, confidence) = (true, thread!.Intent!, 1);
        return new(matched ? "matched" : "outOfScope", Facts.Of(
            ("intent", intent),
            ("confidence", Math.Round(confidence, 4)),
            ("language", LanguageRecogniser.Recognise(text)),
            (HandOffFact, route is OtherLanguages.HandOff or OtherLanguages.Translate or OtherLanguages.Model ? HandOffReason.Language : turn == TurnKind.CorrectsTheDone ? HandOffReason.Correction : null),
            (DigressionFact, turn == TurnKind.Digresses && route is null ? true : null),
            ("alternatives", (read.Alternatives ?? []).Select(a => new OutcomeAlternative(a.Intent, Math.Round(a.Confidence, 4))))), Facts.NoRefs);
    }

    /// <summary>What the app wants done with a message that is not English; null where it is English, or is to be read as if it were: an answer to an open question that needs no language, too.</summary>
    public OtherLanguages? RouteOf(DetectStep step, string text, IReadOnlyList<FieldSpec> fields, Conversation? thread)
    {
        if (LanguageRecogniser.Recognise(text, out var tags) != Language.Other || (thread?.OpenQuestion is { } question && turns.Answers(text, fields, question)))
            return null;
        var route = tags.Select(tag => step.Languages is { } some && some.TryGetValue(tag, out var own) ? own : (OtherLanguages?)null).FirstOrDefault(own => own is not null) ?? step.OtherLanguages ?? OtherLanguages.HandOff;
        return route == OtherLanguages.Read ? null : route;
    }

    /// <summary>Finds the fields. While the conversation has an open question, what it has learned before fills what this message leaves out; what this message says replaces it.</summary>
    /// <param name="step">The extract step.</param>
    /// <param name="message">The message, masked; what a model that read it says of its fields counts before what its English text says, as far as it can be read.</param>
    /// <param name="thread">The conversation, where there is one.</param>
    public StepResult Extract(ExtractStep step, Message message, Conversation? thread)
    {
        var (text, attributes, receivedAt) = (message.Text, message.Attributes, message.ReceivedAt);
        var zone = MessageZone.Of(attributes, thread);
        var open = thread?.OpenQuestion;
        var corrects = open is not null && Correction.IsIn(text);
        var read = corrects ? Correction.Kept(text) : text;
        var found = extractor.Extract(read, step.Fields, receivedAt, zone);
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in step.Fields)
        {
            var known = open is not null && thread!.Fields.TryGetValue(field.Name, out var before) ? before : (JsonElement?)null;
            if (message.Given is { } given && given.TryGetValue(field.Name, out var said) && Plain(said, field, receivedAt, zone) is { } plain)
                values[field.Name] = plain;
            else if (found.Fields.TryGetValue(field.Name, out var value) && !(known is not null && field.Name != open!.Field && IsWholeMessage(field, value, read)))
                values[field.Name] = corrects && known is { } corrected ? Like(corrected, field, value, read, receivedAt, zone) : value.Value;
            else if (known is { } remembered)
                values[field.Name] = remembered;
            else if (field.Kind == FieldKind.Text && open?.Field == field.Name && extractor.Extract(read, [field with { After = null, Before = null }], receivedAt, zone).Fields.TryGetValue(field.Name, out var whole))
                values[field.Name] = whole.Value;
        }

        Shorten(values);
        var missing = step.Fields.Where(field => !field.Optional && !values.ContainsKey(field.Name)).Select(field => field.Name).ToList();
        values["missing"] = JsonSerializer.SerializeToElement(missing);
        if (MessageZone.Named(attributes) is { } named)
            values.TryAdd(MessageZone.Name, JsonSerializer.SerializeToElement(named.Id));
        return new(missing.Count == 0 ? "complete" : "missing", values, Facts.NoRefs);
    }

    /// <summary>The value that a plain text has as such a field; null where it has none.</summary>
    JsonElement? Plain(string said, FieldSpec field, DateTimeOffset receivedAt, TimeZoneInfo zone) =>
        extractor.Extract(said, [field with { After = null, Before = null }], receivedAt, zone).Fields.TryGetValue(field.Name, out var value) ? value.Value : null;

    /// <summary>Free text that was found because a text field takes any message: no news about a field that nobody asked for.</summary>
    static bool IsWholeMessage(FieldSpec field, ExtractedField value, string text) => field.Kind == FieldKind.Text && value.End - value.Start >= text.AsSpan().Trim().Length;

    /// <summary>A correction leaves out what stays as it was: "240 not 420" has the currency of the amount before, "no, the 14th" the month of the date before.</summary>
    JsonElement Like(JsonElement before, FieldSpec field, ExtractedField value, string text, DateTimeOffset receivedAt, TimeZoneInfo zone)
    {
        var said = text[value.Start..value.End];
        var full = field.Kind switch
        {
            FieldKind.Money when !said.Any(c => char.IsLetter(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.CurrencySymbol) => $"{said} {before.GetProperty("currency").GetString()}",
            FieldKind.Date when said.Length <= 8 && Day(said) is { } day && before.TryGetDateTimeOffset(out var date) => FormattableString.Invariant($"{date.Year:0000}-{date.Month:00}-{day:00}"),
            _ => null,
        };
        return full is not null && extractor.Extract(full, [field], receivedAt, zone).Fields.TryGetValue(field.Name, out var whole) ? whole.Value : value.Value;
    }

    /// <summary>The 14 of "the 14th" and "14th"; null where a month or anything else is named too.</summary>
    static int? Day(string said)
    {
        var digits = said.Where(char.IsAsciiDigit).ToArray();
        var ordinal = new string([.. said.Where(char.IsLetter)]).ToLowerInvariant();
        return digits.Length is 1 or 2 && ordinal is "st" or "nd" or "rd" or "th" or "thest" or "thend" or "therd" or "theth" ? int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Cuts free text evenly where the fields are more than the history takes.</summary>
    static void Shorten(Dictionary<string, JsonElement> values)
    {
        var most = MostTextBytes;
        while (values.Sum(value => Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(value.Value, DataPlane.AiOsJson.Options))) > MostTextBytes && most > 16)
        {
            most /= 2;
            foreach (var (name, value) in values.Where(value => value.Value.ValueKind == JsonValueKind.String).ToList())
                if (value.GetString() is { } text && text.Length > most)
                    values[name] = JsonSerializer.SerializeToElement(char.IsHighSurrogate(text[most - 1]) ? text[..(most - 1)] : text[..most], DataPlane.AiOsJson.Options);
        }
    }
}
