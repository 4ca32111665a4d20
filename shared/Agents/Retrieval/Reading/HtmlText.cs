using HtmlAgilityPack;

namespace AiOs.Agents.Retrieval.Reading;

/// <summary>An HTML page as text: headings, paragraphs, lists and table rows; without scripts, styles and navigation.</summary>
static class HtmlText
{
    const int Deepest = 200;

    /// <exception cref="InvalidDataException">It is nested too deeply; names the file.</exception>
    public static KnowledgeFile Read(string path, string html)
    {
        var page = new HtmlDocument { OptionMaxNestedChildNodes = Deepest };
        try
        {
            page.LoadHtml(html);
        }
        catch (Exception deep) when (deep is not OutOfMemoryException)   // HtmlAgilityPack throws a bare Exception for too deep a page
        {
            throw new InvalidDataException($"{path}: the page is nested more than {Deepest} elements deep.", deep);
        }

        var text = new StructuredText();
        Walk(page.DocumentNode, text);
        var roles = page.DocumentNode.SelectSingleNode("//meta[translate(@name, 'ROLES', 'roles')='roles']")?.GetAttributeValue("content", "") ?? "";
        return new KnowledgeFile(path, text.ToString()) { Roles = roles.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries) };
    }

    static void Walk(HtmlNode node, StructuredText text)
    {
        if (node is HtmlTextNode words)
        {
            text.Write(HtmlEntity.DeEntitize(words.Text));
            return;
        }

        if (node.Name is "script" or "style" or "head" or "nav" or "noscript" or "template" || node.NodeType == HtmlNodeType.Comment)
            return;
        var block = node.Name switch
        {
            "h1" or "h2" or "h3" or "h4" or "h5" or "h6" => new string('#', node.Name[1] - '0') + " ",
            "li" => "- ",
            "tr" => "| ",
            "p" or "div" or "section" or "article" or "main" or "header" or "footer" or "aside" or "blockquote" or "pre" or "ul" or "ol" or "dl" or "dt" or "dd" or "table" or "figure" or "figcaption" or "body" or "html" or "br" or "hr" => "",
            _ => null,
        };
        if (block is not null && !(block.Length == 0 && node.ParentNode?.Name is "li" or "td" or "th" && node.PreviousSibling is null))
            text.Begin(block);
        foreach (var child in node.ChildNodes)
            Walk(child, text);
        if (node.Name is "td" or "th")
            text.Write(" | ");
        if (block is not null)
            text.End();
    }
}
