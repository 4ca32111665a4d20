namespace AiOs.Agents.Extraction;

/// <summary>Free text between anchors: after the words of the one, and up to the words of the other or, without it, to the end of the sentence. Case and blanks do not count.</summary>
static class AnchoredTextReader
{
    const double Confidence = 0.8;

    public static List<Candidate> Read(TextScan scan, string? after, string? before)
    {
        var (opening, closing) = (new TextScan(after ?? ""), new TextScan(before ?? ""));
        List<Candidate> found = [];
        for (var i = 0; i < scan.Count && found.Count < Candidate.Limit;)
        {
            var first = after is null ? i : Matches(scan, i, opening) ? i + opening.Count : -1;
            if (first < 0)
            {
                i++;
                continue;
            }

            if (scan.IsSymbol(first, ':') || scan.IsSymbol(first, '='))
                first++;
            var last = End(scan, first, before is null ? null : closing);
            if (last is not { } end)
                return found;   // what closes it does not come any more, so neither does it for a later opening
            if (end > first && FreeTextReader.Spanning(scan, scan.Text, scan[first].Start, scan[end - 1].End, Confidence) is { } text)
                found.Add(text);
            if (after is null)
                return found;
            i = Math.Max(end, i + 1);
        }

        return found;
    }

    /// <summary>The token after the text; null where it should be closed and is not.</summary>
    static int? End(TextScan scan, int first, TextScan? closing)
    {
        for (var i = first; i < scan.Count; i++)
            if (closing is not null ? Matches(scan, i, closing) : scan.SentenceOf(i) != scan.SentenceOf(first) || scan.KindAt(i) == TokenKind.Break)
                return i;
        return closing is null ? scan.Count : null;
    }

    static bool Matches(TextScan scan, int index, TextScan anchor)
    {
        if (index + anchor.Count > scan.Count)
            return false;
        for (var i = 0; i < anchor.Count; i++)
            if (!scan.TextAt(index + i).Equals(anchor.TextAt(i), StringComparison.OrdinalIgnoreCase))
                return false;
        return true;
    }
}
