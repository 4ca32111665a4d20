namespace AiOs.Agents.Retrieval;

/// <summary>Cuts a stretch of text into pieces that fit a passage.</summary>
static class TextPieces
{
    /// <summary>Characters; about what the encoder reads of a text.</summary>
    public const int Longest = 700;

    /// <summary>Its sentences from <paramref name="start"/> to <paramref name="end"/>; a longer one is cut between words.</summary>
    public static IEnumerable<(int Start, int End)> Of(string text, int start, int end)
    {
        foreach (var (from, to) in Sentences.Of(text[start..end]))
            for (var at = start + from; at < start + to;)
            {
                var cut = Cut(text, at, start + to);
                if (Trim(text, at, cut) is var piece && piece.End > piece.Start)
                    yield return piece;
                at = cut;
            }
    }

    /// <summary>The last white space within reach, or a cut between two characters.</summary>
    static int Cut(string text, int start, int end)
    {
        if (end - start <= Longest)
            return end;
        for (var cut = start + Longest; cut > start + (Longest / 2); cut--)
            if (char.IsWhiteSpace(text[cut]))
                return cut;
        return char.IsLowSurrogate(text[start + Longest]) ? start + Longest - 1 : start + Longest;
    }

    /// <summary>Without the white space around it.</summary>
    public static (int Start, int End) Trim(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
            start++;
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        return (start, end);
    }
}
