using System.Text.Json;

namespace AiOs.Agents.Extraction;

/// <summary>Finds declared choices whatever their case, number ("windows" for "window") and way of joining words ("card-lost", "cardLost", "card lost").
/// What is denied ("not theft", "instead of theft") is doubted.</summary>
static class ChoiceReader
{
    static readonly string[] Denials = ["not", "no", "never", "without", "than", "isn't", "wasn't", "isn’t", "wasn’t", "of"];

    public static List<Candidate> Read(TextScan scan, IReadOnlyList<string> choices)
    {
        var byFirst = choices.Distinct(StringComparer.Ordinal).SelectMany(Spellings)
            .GroupBy(c => c.Parts[0], StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.OrderByDescending(c => c.Parts.Count).Take(50).ToList(), StringComparer.Ordinal);
        List<Candidate> found = [];
        for (var i = 0; i < scan.Count && found.Count < Candidate.Limit;)
        {
            var next = i + 1;
            if (byFirst.TryGetValue(Part(scan, i), out var possible))
                foreach (var (choice, parts) in possible)
                    if (End(scan, i, parts) is { } end)
                    {
                        var exact = scan.Text.AsSpan(scan[i].Start, scan[end - 1].End - scan[i].Start).Equals(choice, StringComparison.OrdinalIgnoreCase);
                        found.Add(new(JsonSerializer.SerializeToElement(choice), i, end - 1, Math.Max(0.1, (exact ? 0.95 : 0.85) - (Denied(scan, i) ? 0.6 : 0))));
                        next = end;
                        break;
                    }
            i = next;
        }

        return found;
    }

    /// <summary>Its words one by one, and written as one.</summary>
    static IEnumerable<(string Choice, IReadOnlyList<string> Parts)> Spellings(string choice) => Parts(choice) switch
    {
        [] => [],
        [_] one => [(choice, one)],
        var many => [(choice, many), (choice, [string.Concat(many)])],
    };

    static IReadOnlyList<string> Parts(string choice)
    {
        var scan = new TextScan(string.Join(' ', Cues.WordsOf(choice)));
        return [.. Enumerable.Range(0, scan.Count).Select(i => Part(scan, i)).Where(p => p.Length > 0)];
    }

    static string Part(TextScan scan, int i) => scan.IsDigits(i) && scan.TextAt(i).Length <= 18 ? scan.TextAt(i).ToString() : Singular(scan.Word(i));

    static int? End(TextScan scan, int first, IReadOnlyList<string> parts)
    {
        var at = first + 1;
        foreach (var part in parts.Skip(1))
        {
            if (scan.IsSymbol(at, '-') || scan.IsSymbol(at, '_') || scan.IsSymbol(at, '/'))
                at++;
            if (!part.Equals(Part(scan, at), StringComparison.Ordinal))
                return null;
            at++;
        }

        return at;
    }

    static bool Denied(TextScan scan, int i)
    {
        for (var back = 1; back <= 3 && i - back >= 0 && scan.SentenceOf(i - back) == scan.SentenceOf(i); back++)
        {
            if (scan.IsSymbol(i - back, ',') || scan.IsSymbol(i - back, ':'))
                return false;
            var word = scan.Word(i - back);
            if (Denials.Contains(word, StringComparer.Ordinal) && (word != "of" || scan.Is(i - back - 1, "instead")))
                return true;
        }

        return false;
    }

    /// <summary>English plurals, cut the same way on both sides, so that "boxes" meets "box" and "policies" meets "policy".</summary>
    static string Singular(string word) => word switch
    {
        [.., 'i', 'e', 's'] when word.Length > 4 => word[..^3] + "y",
        [.., 's' or 'x' or 'z', 'e', 's'] or [.., 'c' or 's', 'h', 'e', 's'] when word.Length > 4 => word[..^2],
        [.., 's', 's'] or [.., 'u', 's'] or [.., 'i', 's'] => word,
        [.., 's'] when word.Length > 3 => word[..^1],
        _ => word,
    };
}
