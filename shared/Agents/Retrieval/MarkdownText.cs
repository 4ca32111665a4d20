using System.Text;

namespace AiOs.Agents.Retrieval;

/// <summary>Markdown as a person hears it.</summary>
public static class MarkdownText
{
    /// <summary>The words without emphasis, code and list marks, links as their text, white space as single spaces.</summary>
    public static string Plain(string markdown)
    {
        var plain = new StringBuilder(markdown.Length);
        var lineStart = true;
        for (var i = 0; i < markdown.Length; i++)
        {
            var c = markdown[i];
            if (c is '\n' or '\r' || char.IsWhiteSpace(c))
            {
                lineStart |= c == '\n';
                Space(plain);
            }
            else if (lineStart && Mark(markdown, i) is var length && length > 0)
            {
                i += length - 1;
                if (plain.Length > 1 && plain[^1] == ' ' && plain[^2] is not (':' or '.' or ';' or ',' or '!' or '?'))
                    plain.Insert(plain.Length - 1, ';');   // items of a list, one after the other
            }
            else
            {
                lineStart = false;
                i = Inline(markdown, i, plain);
            }
        }

        return plain.ToString().Trim();
    }

    static void Space(StringBuilder plain)
    {
        if (plain.Length > 0 && plain[^1] != ' ')
            plain.Append(' ');
    }

    static int Mark(string text, int i)
    {
        var end = i;
        while (end < text.Length && text[end] is '#' or '>')
            end++;
        if (end == i && text[i] is '-' or '*' or '+')
            end++;
        if (end == i)
        {
            while (end < text.Length && end - i < 4 && char.IsAsciiDigit(text[end]))
                end++;
            end = end > i && end < text.Length && text[end] is '.' or ')' ? end + 1 : i;
        }

        return end > i && end < text.Length && text[end] == ' ' ? end - i : 0;
    }

    static int Inline(string text, int i, StringBuilder plain)
    {
        switch (text[i])
        {
            case '*' or '`' or '~':
                return i;
            case '_' when i == 0 || i == text.Length - 1 || !char.IsLetterOrDigit(text[i - 1]) || !char.IsLetterOrDigit(text[i + 1]):
                return i;
            case '|':
                Space(plain);
                return i;
            case '\\' when i + 1 < text.Length && char.IsPunctuation(text[i + 1]):
                plain.Append(text[i + 1]);
                return i + 1;
            case '!' when i + 1 < text.Length && text[i + 1] == '[':
                return i;
            case '[' when Target(text, i) is not null:
                return i;
            case ']' when i + 1 < text.Length && text[i + 1] == '(' && text.IndexOf(')', i, Math.Min(500, text.Length - i)) is var close and > 0:
                return close;
            default:
                plain.Append(text[i]);
                return i;
        }
    }

    /// <summary>Where the text of a link that opens at <paramref name="i"/> closes, if it is one.</summary>
    static int? Target(string text, int i)
    {
        var close = text.IndexOf(']', i, Math.Min(500, text.Length - i));
        return close > 0 && close + 1 < text.Length && text[close + 1] == '(' ? close : null;
    }
}
