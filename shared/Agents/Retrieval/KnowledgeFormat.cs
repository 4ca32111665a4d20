namespace AiOs.Agents.Retrieval;

/// <summary>How the text of a document is structured.</summary>
public enum KnowledgeFormat
{
    /// <summary>Markdown: headings, lists and tables are seen.</summary>
    Markdown,

    /// <summary>Plain text: paragraphs between blank lines; a short first paragraph of one line is the title.</summary>
    Plain,
}
