namespace AiOs.Security.Detectors;

/// <summary>E-mail addresses as people write them: the dot-atom form of RFC 5322 and a domain of at least two labels, international ones included.</summary>
static class EmailDetector
{
    const int LongestLocal = 64;
    const int LongestDomain = 253;

    public static IEnumerable<Candidate> Find(string text)
    {
        var from = 0;
        for (var at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', at + 1))
        {
            var start = LocalStart(text, at, from);
            var end = DomainEnd(text, at);
            if (start == at || end <= at) continue;
            yield return new Candidate(MaskKinds.Email, start, end, text[start..end].ToLowerInvariant());
            from = end;
        }
    }

    static int LocalStart(string text, int at, int from)
    {
        var start = at;
        while (start > from && at - start < LongestLocal && IsLocal(text[start - 1])) start--;
        while (start < at && !char.IsLetterOrDigit(text[start]) && text[start] != '_') start++;   // quotes, brackets, list dashes
        return start < at && text[at - 1] != '.' ? start : at;
    }

    /// <summary>The end of the domain, or 0 where there is none.</summary>
    static int DomainEnd(string text, int at)
    {
        var end = at + 1;
        while (end < text.Length && end - at <= LongestDomain && (char.IsLetterOrDigit(text[end]) || text[end] is '-' or '.' && text[end - 1] is not ('.' or '@'))) end++;
        while (end > at + 1 && text[end - 1] is '.' or '-') end--;
        while (text.LastIndexOf('.', end - 1, end - 1 - at) is var dot && dot > at + 1)
        {
            var letters = TopLevel(text.AsSpan(dot + 1, end - dot - 1));
            if (letters > 0) return dot + 1 + letters;
            end = dot;
        }
        return 0;
    }

    /// <summary>How much of <paramref name="label"/> is a top-level domain: all of it, or the letters before a dash that belongs to the sentence.</summary>
    static int TopLevel(ReadOnlySpan<char> label)
    {
        if (label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase)) return label.Length;
        var letters = 0;
        while (letters < label.Length && char.IsLetter(label[letters])) letters++;
        return letters >= 2 && (letters == label.Length || label[letters] == '-') ? letters : 0;
    }

    static bool IsLocal(char c) => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or '+' or '%' or '\'' or '&' or '!' or '#' or '$' or '*' or '=' or '?' or '^' or '`' or '{' or '|' or '}' or '~' or '/';
}
