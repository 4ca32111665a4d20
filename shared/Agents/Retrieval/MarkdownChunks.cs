using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AiOs.Agents.Retrieval;

/// <summary>Cuts a Markdown document where its author did: under each heading, neighbouring paragraphs, lists and tables are taken together up to about a hundred words;
/// a longer one is cut between its items, sentences or words. Front matter and comments are left out.</summary>
static class MarkdownChunks
{
    static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();

    /// <exception cref="InvalidDataException">The file cannot be parsed; names it.</exception>
    public static IReadOnlyList<Chunk> Of(KnowledgeFile file)
    {
        List<Chunk> chunks = [];
        List<(int Level, string Title)> headings = [];
        var blocks = Parse(file).Where(b => b is not (LinkReferenceDefinitionGroup or ThematicBreakBlock or YamlFrontMatterBlock) || b is HeadingBlock).OrderBy(b => b.Span.Start).ToList();
        var limits = Ends(file, blocks);
        var open = new Chunk("", 0, 0);
        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i] is HeadingBlock heading)
            {
                Close(chunks, ref open);
                headings.RemoveAll(h => h.Level >= heading.Level);
                if (Title(heading) is { Length: > 0 } title)
                    headings.Add((heading.Level, title));
                continue;
            }

            if (blocks[i] is HtmlBlock { Type: HtmlBlockType.Comment })
                continue;
            var section = string.Join(" > ", headings.Select(h => h.Title));
            foreach (var (start, end) in Pieces(file.Text, blocks[i], limits[i]))
            {
                if (open.End > open.Start && end - open.Start > TextPieces.Longest)
                    Close(chunks, ref open);
                open = open.End > open.Start ? open with { End = end } : new Chunk(section, start, end);
            }
        }

        Close(chunks, ref open);
        return chunks;
    }

    static MarkdownDocument Parse(KnowledgeFile file)
    {
        try
        {
            return Markdown.Parse(file.Text, Pipeline);
        }
        catch (ArgumentException unreadable)   // nested deeper than Markdig follows
        {
            throw new InvalidDataException($"{file.Path}: {unreadable.Message}", unreadable);
        }
    }

    static void Close(List<Chunk> chunks, ref Chunk open)
    {
        if (open.End > open.Start)
            chunks.Add(open);
        open = default;
    }

    /// <summary>A block reaches to where the next one begins, so that nothing of the text falls between two.</summary>
    static List<int> Ends(KnowledgeFile file, List<Block> blocks) =>
        [.. blocks.Select((b, i) => Math.Clamp(i + 1 < blocks.Count ? Math.Min(blocks[i + 1].Span.Start, Math.Max(b.Span.End + 1, b.Span.Start)) : b.Span.End + 1, 0, file.Text.Length))];

    static IEnumerable<(int Start, int End)> Pieces(string text, Block block, int limit)
    {
        var (start, end) = TextPieces.Trim(text, Math.Clamp(block.Span.Start, 0, text.Length), limit);
        if (end <= start)
            return [];
        if (end - start <= TextPieces.Longest)
            return [(start, end)];
        if (block is not ContainerBlock { Count: > 0 } container)
            return TextPieces.Of(text, start, end);
        var parts = container.OrderBy(b => b.Span.Start).ToList();
        return parts.SelectMany((part, i) => Pieces(text, part, Math.Min(end, i + 1 < parts.Count ? parts[i + 1].Span.Start : end)));
    }

    static string Title(HeadingBlock heading) =>
        heading.Inline is null ? "" : MarkdownText.Plain(string.Concat(heading.Inline.Descendants().Select(i => i switch { LiteralInline l => l.Content.ToString(), CodeInline c => c.Content, _ => "" })));
}
