using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AiOs.Agents.Extraction;
using AiOs.Agents.Translation;
using AiOs.DataPlane;
using AiOs.Security;
using AiOs.Serving.Chat;

namespace AiOs.Agents.Reading;

/// <summary>Whether what a model says about a message can be so: one of the app's intents, shown by words that stand in the message; English that keeps the same hidden values, numbers and links;
/// values of fields whose quotes stand in the message and whose numbers are theirs.</summary>
/// <remarks>No check of meaning: a model that is wrong in good form is believed as far as its confidence goes.</remarks>
static partial class ReadingCheck
{
    const int LongestValue = 2_000;

    sealed record Said(string? Language, string? English, string? Intent, string? Evidence, double? Confidence, Dictionary<string, SaidField?>? Fields);

    sealed record SaidField(string? Quote, string? Value);

    [GeneratedRegex("[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex Digits { get; }

    /// <summary>A number with whatever separates its digits somewhere in the world.</summary>
    [GeneratedRegex("[0-9]+(?:[.,'’ \u00a0\u202f][0-9]+)*", RegexOptions.NonBacktracking)]
    private static partial Regex Number { get; }

    /// <summary>A number as it stands in a text with single spaces.</summary>
    [GeneratedRegex(@"[0-9]+(?:[.,'’][0-9]+| [0-9]{3}\b)*", RegexOptions.NonBacktracking)]
    private static partial Regex WholeNumber { get; }

    /// <summary>The forms that values of fields are asked for in: whatever would make another number of the digits, such as "k" or "thousand", is none.</summary>
    [GeneratedRegex(@"^(?:[0-9]+(?:\.[0-9]+)? ?(?<unit>[A-Z]{3}|\p{Sc})|(?<unit>[A-Z]{3}|\p{Sc}) ?[0-9]+(?:\.[0-9]+)?)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex MoneyForm { get; }

    [GeneratedRegex(@"^-?[0-9]+(?:\.[0-9]+)?$", RegexOptions.NonBacktracking)]
    private static partial Regex NumberForm { get; }

    [GeneratedRegex(@"^-?[0-9]+(?:\.[0-9]+)? ?[^\s0-9]+$", RegexOptions.NonBacktracking)]
    private static partial Regex QuantityForm { get; }

    /// <summary>Reads an answer.</summary>
    /// <exception cref="ModelException">It has not the form that was asked for, names an intent that the app does not have, or does not stand the check.</exception>
    public static ReadMessage Read(string written, string text, IReadOnlyList<ReadableIntent> intents, IReadOnlyList<FieldSpec> fields)
    {
        Said? said;
        try
        {
            said = JsonSerializer.Deserialize<Said>(written, AiOsJson.Options);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)   // half a surrogate pair is no text
        {
            said = null;
        }

        if (said is not { Language: not null, English: not null, Intent: not null, Evidence: not null, Confidence: >= 0 and <= 1, Fields: not null } || !TranslationCheck.Tag.IsMatch(said.Language))
            throw new ModelException(ModelFailure.Malformed, "The reading does not have the form that was asked for.");
        var intent = said.Intent == ReadingQuestion.None ? null : said.Intent;
        if (intent is not null && !intents.Any(known => known.Name == intent))
            throw new ModelException(ModelFailure.Malformed, "The reading names an intent that the app does not have.");
        if (intent is not null && !(StandsIn(text, said.Evidence) && Vault.TokenPattern.Replace(said.Evidence, "").Any(char.IsLetter)))
            throw new ModelException(ModelFailure.Unsupported, "What is said to show the intent does not stand in the message.");
        if (TranslationCheck.IsEnglish(said.Language) || !TranslationCheck.Holds(text, said.English, toEnglish: true))
            throw new ModelException(ModelFailure.Unsupported, "The English text did not stand the check.");
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in fields)
            if (said.Fields.GetValueOrDefault(field.Name) is { Quote: { } quote, Value: { Length: > 0 and <= LongestValue } value } && StandsIn(text, quote) && IsOf(field, quote, value))
                kept[field.Name] = value;
        return new(said.Language, said.English, intent, intent is null ? 0 : said.Confidence.Value, intent is null ? "" : said.Evidence, kept);
    }

    /// <summary>Somewhere, and not as a part of a longer number: "240" does not stand in "1.240,50". White space may differ.</summary>
    static bool StandsIn(string text, string quote)
    {
        var (all, words) = (Spaced(text), Spaced(quote));
        if (words.Length == 0)
            return false;
        var cuts = new bool[all.Length + 1];
        foreach (Match number in WholeNumber.Matches(all))
            cuts.AsSpan(number.Index + 1, number.Length - 1).Fill(true);
        for (var at = all.IndexOf(words, StringComparison.Ordinal); at >= 0; at = all.IndexOf(words, at + 1, StringComparison.Ordinal))
            if (!cuts[at] && !cuts[at + words.Length])
                return true;
        return false;
    }

    static string Spaced(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>A number is one that its quote can be read as: 1.240,50 is 1240.50. A date shares a number with its quote, where that has one; "gestern" has none.
    /// Free text brings no hidden value, link or number of its own.</summary>
    static bool IsOf(FieldSpec field, string quote, string value) => field.Kind switch
    {
        FieldKind.Money or FieldKind.Number or FieldKind.Integer or FieldKind.Quantity => HasForm(field.Kind, value) && Number.Matches(value) is [var only] && decimal.TryParse(only.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            && Number.Matches(quote).SelectMany(match => Readings(match.Value)).Contains(amount),
        FieldKind.Date => Digits.Matches(quote) is not { Count: > 0 } numbers || numbers.Any(number => Digits.Matches(value).Any(part => part.Value.TrimStart('0') == number.Value.TrimStart('0'))),
        _ => TranslationCheck.BringsNothing(quote, value),
    };

    static bool HasForm(FieldKind kind, string value) => kind switch
    {
        FieldKind.Money => MoneyForm.Match(value.Trim()) is { Success: true } match && match.Groups["unit"].Value is var unit && (unit.Length < 3 || Currencies.IsCode(unit)),
        FieldKind.Quantity => QuantityForm.IsMatch(value.Trim()),
        _ => NumberForm.IsMatch(value.Trim()),
    };

    /// <summary>What a number with separators may be: the last one before one or two digits marks the fraction, before three it may part thousands, and before others it marks the fraction too.</summary>
    static IEnumerable<decimal> Readings(string number)
    {
        var last = number.AsSpan().LastIndexOfAny(Separators);
        var decimals = last < 0 ? 0 : number.Length - last - 1;
        var digits = string.Concat(number.Where(char.IsAsciiDigit));
        if (digits.Length > 20)
            yield break;
        if (decimals is 0 or 3)
            yield return decimal.Parse(digits, CultureInfo.InvariantCulture);
        if (decimals > 0)
            yield return decimal.Parse(digits[..^decimals] + "." + digits[^decimals..], CultureInfo.InvariantCulture);
    }

    static readonly SearchValues<char> Separators = SearchValues.Create(".,'’ \u00a0\u202f");
}
