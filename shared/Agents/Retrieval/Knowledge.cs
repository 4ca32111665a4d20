namespace AiOs.Agents.Retrieval;

/// <summary>One document of an app's knowledge.</summary>
/// <param name="Path">Relative, with forward slashes; what citations name as the document.</param>
/// <param name="Text">Its text; all offsets count its UTF-16 units.</param>
public sealed record KnowledgeFile(string Path, string Text)
{
    /// <summary>Which roles may read it; empty for everybody.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>How <see cref="Text"/> is to be read.</summary>
    public KnowledgeFormat Format { get; init; }
}

/// <summary>A built index.</summary>
/// <param name="Ref">Its blob, <c>sha256:...</c>.</param>
/// <param name="Documents">How many documents it holds.</param>
/// <param name="Chunks">How many passages it can return.</param>
/// <param name="Encoded">How many passages were new and had to be encoded.</param>
/// <param name="FromCache">Whether the same documents were already indexed with the same encoder.</param>
public sealed record KnowledgeIndex(string Ref, int Documents, int Chunks, int Encoded, bool FromCache);

/// <summary>A piece of a document that may answer a query.</summary>
/// <param name="Document">Path of the file.</param>
/// <param name="Section">Headings from the outermost to the innermost, joined by <c> &gt; </c>; empty before the first heading.</param>
/// <param name="Text">Literally what stands from <paramref name="Start"/> to <paramref name="End"/> in the document.</param>
/// <param name="Start">UTF-16 offset in the document.</param>
/// <param name="End">UTF-16 offset after the last character.</param>
/// <param name="Score">Relevance in [0, 1], comparable between queries; the order of results is that of the joined ranking.</param>
public sealed record Passage(string Document, string Section, string Text, int Start, int End, double Score);
