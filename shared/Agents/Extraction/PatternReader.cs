using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AiOs.Agents.Extraction;

/// <summary>Finds what matches an app's own pattern, as a whole: "PC-1234567" is no "PC-[0-9]{6}". Case is ignored only where nothing matches exactly;
/// such a match is given in capitals if the pattern likes it better so.</summary>
sealed class PatternReader
{
    const int MostPatterns = 1_000;
    const int MostMatches = 32;
    readonly ConcurrentDictionary<(string Pattern, bool IgnoreCase), Regex> compiled = new();

    public List<Candidate> Read(TextScan scan, string pattern)
    {
        var exact = Matches(scan, Compiled(pattern, ignoreCase: false)).Select(m => Found(scan, m, m.Value, 0.97)).ToList();
        return exact.Count > 0
            ? exact
            : [.. Matches(scan, Compiled(pattern, ignoreCase: true)).Select(m => Found(scan, m, Preferred(pattern, m.Value), 0.85))];
    }

    string Preferred(string pattern, string value) =>
        Compiled(pattern, ignoreCase: false).Match(value.ToUpperInvariant()) is { Success: true } upper && upper.Length == value.Length ? upper.Value : value;

    /// <summary>The first matches that are no part of a longer word or of a mask token; their number is bounded, so that the time stays linear.</summary>
    static IEnumerable<Match> Matches(TextScan scan, Regex regex)
    {
        var match = regex.Match(scan.Text);
        for (var count = 0; match.Success && count < MostMatches; count++, match = match.NextMatch())
            if (match.Length > 0 && Whole(scan.Text, match.Index, match.Index + match.Length) && !InMask(scan, match))
                yield return match;
    }

    static bool Whole(string text, int start, int end) =>
        !(start > 0 && char.IsLetterOrDigit(text[start - 1]) && char.IsLetterOrDigit(text[start]))
        && !(end < text.Length && char.IsLetterOrDigit(text[end]) && char.IsLetterOrDigit(text[end - 1]));

    static bool InMask(TextScan scan, Match match) => scan.At(match.Index) is var first && scan.KindAt(first) == TokenKind.Mask && scan[first].Start < match.Index;

    static Candidate Found(TextScan scan, Match match, string value, double confidence) =>
        new(JsonSerializer.SerializeToElement(value), scan.At(match.Index), scan.At(match.Index + match.Length - 1), confidence) { Span = (match.Index, match.Index + match.Length) };

    Regex Compiled(string pattern, bool ignoreCase)
    {
        if (compiled.Count > MostPatterns)
            compiled.Clear();
        return compiled.GetOrAdd((pattern, ignoreCase), static key => key.IgnoreCase
            ? new Regex(key.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)
            : new Regex(key.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }
}
