namespace AiOs.Agents.Retrieval;

/// <summary>Cuts plain text at its blank lines; short neighbours are taken together, a long paragraph is cut between its sentences.</summary>
static class PlainChunks
{
    const int LongestTitle = 200;

    public static IReadOnlyList<Chunk> Of(KnowledgeFile file)
    {
        List<Chunk> chunks = [];
        var paragraphs = Paragraphs(file.Text).ToList();
        var title = paragraphs is [var first, _, ..] && first.End - first.Start <= LongestTitle && !file.Text.AsSpan(first.Start, first.End - first.Start).Contains('\n') ? file.Text[first.Start..first.End] : "";
        var open = default(Chunk);
        foreach (var (start, end) in paragraphs.Skip(title.Length > 0 ? 1 : 0).SelectMany(p => p.End - p.Start <= TextPieces.Longest ? [p] : TextPieces.Of(file.Text, p.Start, p.End)))
        {
            if (open.End > open.Start && end - open.Start > TextPieces.Longest)
            {
                chunks.Add(open);
                open = default;
            }

            open = open.End > open.Start ? open with { End = end } : new Chunk(title, start, end);
        }

        if (open.End > open.Start)
            chunks.Add(open);
        return chunks;
    }

    static IEnumerable<(int Start, int End)> Paragraphs(string text)
    {
        var start = 0;
        for (var line = 0; line < text.Length;)
        {
            var next = text.IndexOf('\n', line) is var feed && feed < 0 ? text.Length : feed + 1;
            if (text.AsSpan(line, next - line).IsWhiteSpace())
            {
                if (TextPieces.Trim(text, start, line) is var piece && piece.End > piece.Start)
                    yield return piece;
                start = next;
            }

            line = next;
        }

        if (TextPieces.Trim(text, start, text.Length) is var last && last.End > last.Start)
            yield return last;
    }
}
