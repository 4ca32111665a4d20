namespace AiOs.Agents.Retrieval;

/// <summary>A passage in the making: what stands from <paramref name="Start"/> to <paramref name="End"/> under the headings <paramref name="Section"/>.</summary>
readonly record struct Chunk(string Section, int Start, int End);

/// <summary>Cuts a document into passages, by its format.</summary>
static class Chunks
{
    /// <exception cref="InvalidDataException">The file cannot be parsed; names it.</exception>
    public static IReadOnlyList<Chunk> Of(KnowledgeFile file) => file.Format == KnowledgeFormat.Plain ? PlainChunks.Of(file) : MarkdownChunks.Of(file);
}
