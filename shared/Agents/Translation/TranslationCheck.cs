using System.Text.RegularExpressions;
using AiOs.Agents.Language;
using AiOs.Security;

namespace AiOs.Agents.Translation;

/// <summary>Whether a translation can be what it says it is: the same hidden values, the same numbers, no link of its own, of a likely length, and in the language that was asked for.</summary>
/// <remarks>No check of meaning: it catches what is lost, invented or left as it was, and text that answers instead of translating where that brings numbers or links of its own.</remarks>
static partial class TranslationCheck
{
    const int MostTimes = 4, Spare = 200;

    [GeneratedRegex("[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex Digits { get; }

    [GeneratedRegex(@"\b(?:https?://|www\.)[^\s]+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Link { get; }

    /// <summary>A BCP 47 tag of a language, perhaps with script and region.</summary>
    [GeneratedRegex("^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex Tag { get; }

    /// <summary>Whether a tag is that of English, wherever it is spoken.</summary>
    public static bool IsEnglish(string tag) => tag == "en" || tag.StartsWith("en-", StringComparison.Ordinal);

    /// <summary>Whether <paramref name="translated"/> stands for <paramref name="source"/>, which is English or is to become English.</summary>
    public static bool Holds(string source, string translated, bool toEnglish)
    {
        if (string.IsNullOrWhiteSpace(translated) || translated.Length > (MostTimes * source.Length) + Spare || translated.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            return false;
        var language = LanguageRecogniser.Recognise(translated);
        return (toEnglish ? language != Language.Language.Other : language != Language.Language.English)
            && Same(Vault.TokenPattern, source, translated) && Same(Link, source, translated) && SameNumbers(source, translated);
    }

    /// <summary>Whether <paramref name="said"/> names no hidden value, link or number that does not stand in <paramref name="source"/>, but for small numbers that may have been words.</summary>
    public static bool BringsNothing(string source, string said) =>
        !Values(Vault.TokenPattern, said).Except(Values(Vault.TokenPattern, source), StringComparer.Ordinal).Any() && !Values(Link, said).Except(Values(Link, source), StringComparer.Ordinal).Any()
        && Numbers(said).Except(Numbers(source), StringComparer.Ordinal).All(IsSmall);

    static bool Same(Regex pattern, string source, string translated) => Values(pattern, source).SequenceEqual(Values(pattern, translated), StringComparer.Ordinal);

    static IEnumerable<string> Values(Regex pattern, string text) => pattern.Matches(text).Select(m => m.Value.TrimEnd('.', ',', ';', '!', '?', ')')).Order(StringComparer.Ordinal);

    /// <summary>1.000,50 and 1,000.50 are the same digits; a number that was a word may become one, so none may be lost and only small ones may come.</summary>
    static bool SameNumbers(string source, string translated)
    {
        var (before, after) = (Numbers(source), Numbers(translated));
        return before.All(number => after.Remove(number)) && after.TrueForAll(IsSmall);
    }

    static bool IsSmall(string number) => number.Length == 1 || (number.Length == 2 && string.CompareOrdinal(number, "12") <= 0);

    static List<string> Numbers(string text) => [.. Digits.Matches(Vault.TokenPattern.Replace(text, " ")).Select(m => m.Value)];
}
