using System.Text;
using AiOs.Agents.Retrieval;

namespace AiOs.Agents.Generation.Grounded;

/// <summary>Finds quotes in passages. White space may differ, nothing else; the place that is returned is exact.</summary>
sealed class Quotes(IReadOnlyList<Passage> passages)
{
    /// <summary>A shorter quote stands anywhere: letters and digits.</summary>
    const int Shortest = 8;

    readonly List<(Passage Passage, string Text, int[] Places)> read = [.. passages.Select(passage =>
    {
        var (text, places) = Squeeze(passage.Text);
        return (passage, text, places);
    })];

    /// <summary>The passage that holds the quote and where it stands in its text, or null where none of that document does.</summary>
    public (Passage Passage, int Start, int End)? Find(string? document, string? quote)
    {
        if (document is null || quote is null)
            return null;
        var wanted = Squeeze(quote).Text;
        if (wanted.Count(char.IsLetterOrDigit) < Shortest)
            return null;
        foreach (var (passage, text, places) in read)
            if (passage.Document == document && text.IndexOf(wanted, StringComparison.Ordinal) is var at and >= 0)
                return (passage, places[at], places[at + wanted.Length - 1] + 1);
        return null;
    }

    /// <summary>The text with every stretch of white space as one space, none at its ends, and the place of each of its characters in the original.</summary>
    static (string Text, int[] Places) Squeeze(string text)
    {
        var (squeezed, places) = (new StringBuilder(text.Length), new List<int>(text.Length));
        for (var i = 0; i < text.Length; i++)
        {
            var space = char.IsWhiteSpace(text[i]);
            if (space && (squeezed.Length == 0 || squeezed[^1] == ' '))
                continue;
            squeezed.Append(space ? ' ' : text[i]);
            places.Add(i);
        }

        if (squeezed.Length > 0 && squeezed[^1] == ' ')
            squeezed.Length--;
        return (squeezed.ToString(), [.. places]);
    }
}
