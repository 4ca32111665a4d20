using System.Text;
using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Agents.Generation.Grounded;

/// <summary>A sentence as a model wrote it: nothing in it can be trusted.</summary>
sealed record DraftSentence(string? Text, IReadOnlyList<DraftCitation?>? Citations);

/// <summary>A source as a model names it.</summary>
sealed record DraftCitation(string? Document, string? Section, string? Quote);

/// <summary>Reads <c>{"sentences": [{...}, {...}]}</c> as it streams in: each sentence as soon as it is whole. What stands before the first brace is passed over.</summary>
sealed class Drafts
{
    /// <summary>The longest answer that is read, in characters.</summary>
    const int Longest = 64 * 1024;

    readonly StringBuilder sentence = new();
    int depth, read;
    bool quoted, escaped, closed;

    /// <summary>Whether the answer has come to its end.</summary>
    public bool IsWhole => closed;

    /// <summary>The sentences that <paramref name="piece"/> completes; null for one that does not have the form.</summary>
    public IEnumerable<DraftSentence?> Add(string piece)
    {
        foreach (var c in piece)
        {
            if (closed || ++read > Longest)
                yield break;
            var moved = Moves(c);
            if (depth >= 3 || (moved && depth == 2))
                sentence.Append(c);
            if (!moved)
                continue;
            if (depth == 2 && c == '}')
                yield return Read(sentence.ToString());
            if (depth <= 2)
                sentence.Clear();
            closed = depth == 0;
        }
    }

    /// <summary>Whether the character opens or closes something.</summary>
    bool Moves(char c)
    {
        if (quoted)
        {
            (quoted, escaped) = (escaped || c != '"', !escaped && c == '\\');
            return false;
        }

        if (c == '"')
            quoted = depth > 0;
        var step = c switch { '{' => 1, '[' when depth > 0 => 1, '}' or ']' when depth > 0 => -1, _ => 0 };
        depth += step;
        return step != 0;
    }

    static DraftSentence? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<DraftSentence>(json, AiOsJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
