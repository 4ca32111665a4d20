namespace AiOs.Agents.Retrieval;

/// <summary>Cuts Markdown into sentences, list items and table rows, without changing a character of it.</summary>
public static class Sentences
{
    const int LongestList = 600;

    static readonly string[] Abbreviations = ["e.g", "i.e", "etc", "approx", "no", "nr", "mr", "mrs", "ms", "dr", "st", "vs", "inc", "ltd", "art", "sec", "fig", "max", "min", "tel", "incl", "excl", "cf"];

    /// <summary>Where each begins and ends in <paramref name="text"/>; list marks, quote marks and heading signs at the front are left out.
    /// A line that ends in a colon keeps the short list that it introduces.</summary>
    public static IReadOnlyList<(int Start, int End)> Of(string text)
    {
        List<(int Start, int End)> found = [];
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var ends = text[i] is '.' or '!' or '?' && EndsSentence(text, start, i);
            var breaks = text[i] == '\n' && StartsBlock(text, i + 1);
            if (!ends && !breaks)
            {
                i = text[i] is '.' or '!' or '?' ? Closing(text, i + 1) - 1 : i;
                continue;
            }

            var end = breaks ? i : Closing(text, i + 1);
            if (breaks && Introduces(text, start, i) && ListEnd(text, i + 1) is var list && list > i && list - start <= LongestList)
                end = list;
            Add(found, text, start, end);
            i = Math.Max(i, end - 1);
            start = end;
        }

        Add(found, text, start, text.Length);
        return found;
    }

    static void Add(List<(int Start, int End)> found, string text, int start, int end)
    {
        start = Content(text, start, end);
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        for (var i = start; i < end; i++)
            if (char.IsLetterOrDigit(text[i]))
            {
                found.Add((start, end));
                return;
            }
    }

    /// <summary>The first character after white space and the marks of lists, quotes and headings.</summary>
    static int Content(string text, int start, int end)
    {
        while (start < end)
        {
            if (char.IsWhiteSpace(text[start]))
                start++;
            else if (MarkEnd(text, start) is var mark && mark > start && mark <= end)
                start = mark;
            else
                break;
        }

        return start;
    }

    /// <summary>The end of "- ", "* ", "+ ", "12. ", "12) ", "> " or "## " at <paramref name="i"/>, or <paramref name="i"/>.</summary>
    static int MarkEnd(string text, int i)
    {
        var at = i;
        if (at < text.Length && text[at] is '-' or '*' or '+' or '>')
            at++;
        else if (at < text.Length && text[at] == '#')
            while (at < text.Length && at - i < 6 && text[at] == '#')
                at++;
        else
        {
            while (at < text.Length && at - i < 4 && char.IsAsciiDigit(text[at]))
                at++;
            at = at > i && at < text.Length && text[at] is '.' or ')' ? at + 1 : i;
        }

        return at > i && (at == text.Length || char.IsWhiteSpace(text[at])) ? at : i;
    }

    /// <summary>Whether the line at <paramref name="i"/> is blank, an item, a row, a quotation, a heading or a fence.</summary>
    static bool StartsBlock(string text, int i)
    {
        while (i < text.Length && text[i] is ' ' or '\t' or '\r')
            i++;
        return i == text.Length || text[i] is '\n' or '|' || text.AsSpan(i).StartsWith("```", StringComparison.Ordinal) || MarkEnd(text, i) > i;
    }

    static bool Introduces(string text, int start, int end)
    {
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        return end > start && text[end - 1] == ':';
    }

    /// <summary>Where the list ends whose first item comes after <paramref name="i"/> (and perhaps a blank line), or -1.</summary>
    static int ListEnd(string text, int i)
    {
        var (end, line) = (-1, i);
        while (line < text.Length && line - i <= LongestList)
        {
            var next = text.IndexOf('\n', line) is var feed && feed < 0 ? text.Length : feed + 1;
            var content = text.AsSpan(line, next - line).Trim();
            if (content.IsEmpty && end >= 0)
                break;
            if (!content.IsEmpty)
            {
                var first = line + text.AsSpan(line, next - line).IndexOf(content);
                if (MarkEnd(text, first) == first && (end < 0 || first == line))
                    break;
                end = first + content.Length;
            }

            line = next;
        }

        return end;
    }

    static bool EndsSentence(string text, int start, int i)
    {
        var next = Closing(text, i + 1);
        if (next < text.Length && !char.IsWhiteSpace(text[next]))
            return false;
        while (next < text.Length && char.IsWhiteSpace(text[next]))
            next++;
        if (next < text.Length && char.IsLower(text[next]))
            return false;
        if (text[i] != '.')
            return true;
        var word = i;
        while (word > start && (char.IsLetterOrDigit(text[word - 1]) || text[word - 1] == '.'))
            word--;
        var before = text[word..i].ToLowerInvariant();
        var number = before.Length is > 0 and < 4 && before.All(char.IsAsciiDigit) && Content(text, start, i) == i;   // the mark of a list item
        return !number && !(before.Length == 1 && char.IsLetter(before[0])) && !Abbreviations.Contains(before, StringComparer.Ordinal);
    }

    /// <summary>Past further stops, quotation marks, brackets and emphasis that close with the sentence.</summary>
    static int Closing(string text, int i)
    {
        while (i < text.Length && text[i] is '.' or '!' or '?' or '"' or '\'' or '”' or '’' or ')' or ']' or '*' or '_' or '`')
            i++;
        return i;
    }
}
