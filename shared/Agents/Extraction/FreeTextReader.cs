using System.Text.Json;

namespace AiOs.Agents.Extraction;

/// <summary>Free text: what follows the field's name and a colon, "is", "was" or "=" up to the end of the sentence; without such a label the whole message.
/// At most 2,000 characters.</summary>
static class FreeTextReader
{
    const int Longest = 2_000;

    public static List<Candidate> Read(TextScan scan, string field)
    {
        var words = Cues.WordsOf(field);
        for (var i = 0; i < scan.Count; i++)
            if (Labelled(scan, i, words) is { } first && Until(scan, first) is { } labelled)
                return [labelled];
        return Spanning(scan, scan.Text, 0, scan.Text.Length, 0.3) is { } whole ? [whole] : [];
    }

    /// <summary>The first token of the value whose label starts at <paramref name="i"/>.</summary>
    static int? Labelled(TextScan scan, int i, IReadOnlyList<string> words)
    {
        for (var w = 0; w < words.Count; w++)
            if (!scan.Is(i + w, words[w]))
                return null;
        var after = i + words.Count;
        var labelled = words.Count > 0 && (scan.IsSymbol(after, ':') || scan.IsSymbol(after, '=') || scan.Is(after, "is") || scan.Is(after, "was"));
        return labelled && after + 1 < scan.Count ? after + 1 : null;
    }

    static Candidate? Until(TextScan scan, int first)
    {
        var last = first;
        while (last < scan.Count && scan.SentenceOf(last) == scan.SentenceOf(first) && scan.KindAt(last) != TokenKind.Break)
            last++;
        return last == first ? null : Spanning(scan, scan.Text, scan[first].Start, scan[last - 1].End, 0.8);
    }

    /// <summary>What stands between two offsets without blanks and quotes around it; null where that is nothing.</summary>
    public static Candidate? Spanning(TextScan scan, string text, int start, int end, double confidence)
    {
        while (start < end && (char.IsWhiteSpace(text[start]) || text[start] is '"' or '“'))
            start++;
        end = Math.Min(end, start + Longest);
        if (end < text.Length && end > start && char.IsHighSurrogate(text[end - 1]))
            end--;
        while (end > start && (char.IsWhiteSpace(text[end - 1]) || (confidence > 0.5 && text[end - 1] is '.' or ';' or '"' or '”')))
            end--;
        return end == start
            ? null
            : new(JsonSerializer.SerializeToElement(text[start..end]), Math.Min(scan.At(start), scan.Count - 1), Math.Min(scan.At(end - 1), scan.Count - 1), confidence) { Span = (start, end) };
    }
}
