using System.Text;

namespace AiOs.Agents.Retrieval.Reading;

/// <summary>Writes headings, paragraphs, list items and table rows as Markdown.</summary>
sealed class StructuredText
{
    readonly StringBuilder text = new();
    readonly StringBuilder line = new();
    string mark = "";
    bool paragraphEnds;

    /// <summary>Text within the block at hand; white space counts as one space.</summary>
    public void Write(string inline)
    {
        foreach (var c in inline)
            if (!char.IsWhiteSpace(c))
                line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
    }

    /// <summary>Ends the block at hand and begins one with a mark such as <c># </c> or <c>- </c>.</summary>
    public void Begin(string newMark)
    {
        End();
        mark = newMark;
    }

    /// <summary>Ends the block at hand.</summary>
    public void End()
    {
        var content = line.ToString().Trim();
        line.Clear();
        if (content.Length > 0)
        {
            var joins = mark is "- " or "| " && !paragraphEnds;
            if (text.Length > 0)
                text.Append(joins ? "\n" : "\n\n");
            text.Append(mark).Append(content);
            paragraphEnds = mark is not ("- " or "| ");
        }

        mark = "";
    }

    /// <summary>All that was written.</summary>
    public override string ToString()
    {
        End();
        return text.Length > 0 ? text.Append('\n').ToString() : "";
    }
}
