using System.Text;

namespace AiOs.Agents.Retrieval.Reading;

/// <summary>Writes headings, paragraphs, list items and table rows as Markdown.</summary>
sealed class StructuredText
{
    readonly StringBuilder text = new();
    readonly StringBuilder line = new();
    string mark = "", before = "";

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
            if (text.Length > 0)
                text.Append(mark is "- " or "| " && mark == before ? "\n" : "\n\n");   // items of one list and rows of one table stay together
            text.Append(mark).Append(content);
            before = mark;
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
