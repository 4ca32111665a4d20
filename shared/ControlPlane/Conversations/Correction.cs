using System.Text;

namespace AiOs.ControlPlane.Conversations;

/// <summary>A short message that takes something back: "no, the 14th", "sorry, 240 not 420", "not Monday but Tuesday".</summary>
public static class Correction
{
    const int MostWords = 14;

    static readonly string[] Openings = ["no", "nope", "sorry", "oops", "actually", "correction", "wait", "i meant", "i mean", "my mistake", "not", "that was wrong", "that is wrong", "that's wrong", "it was", "it's", "it is", "make it", "make that", "change"];

    static readonly string[] Denials = ["not", "instead", "rather"];

    /// <summary>Whether <paramref name="text"/> sounds like one; whether it is one also depends on its holding a value.</summary>
    public static bool IsIn(string text)
    {
        if (text.Length > 200 || text.EndsWith('?'))
            return false;
        var words = Words(text);
        if (words.Count is 0 or > MostWords)
            return false;
        var opening = string.Join(' ', words.Select(word => word.Word).Take(4)) + " ";
        return Openings.Any(start => opening.StartsWith(start + " ", StringComparison.Ordinal)) || words.Any(word => Denials.Contains(word.Word, StringComparer.Ordinal));
    }

    /// <summary>The text with what it denies blanked out, so that places in it stay: "240 not 420" keeps 240, "not Monday but Tuesday" keeps Tuesday.</summary>
    public static string Kept(string text)
    {
        var kept = new StringBuilder(text);
        var words = Words(text);
        for (var i = 0; i < words.Count; i++)
            if (words[i].Word == "not" || (words[i].Word == "of" && i > 0 && words[i - 1].Word == "instead") || (words[i].Word == "than" && i > 0 && words[i - 1].Word == "rather"))
            {
                var but = words.FindIndex(i, word => word.Word == "but");
                var end = but > 0 ? words[but].Start : text.Length;
                if (but < 0 && text.IndexOf(',', words[i].Start) is var comma and > 0)
                    end = comma;
                for (var at = words[i].Start; at < end; at++)
                    kept[at] = ' ';
            }

        return kept.ToString();
    }

    static List<(string Word, int Start)> Words(string text)
    {
        var words = new List<(string, int)>();
        for (var i = 0; i < text.Length; i++)
        {
            var start = i;
            while (i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] is '\'' or '’'))
                i++;
            if (i > start)
                words.Add((text[start..i].ToLowerInvariant().Replace('’', '\''), start));
        }

        return words;
    }
}
