namespace AiOs.DataPlane;

/// <summary>Finds the name that somebody probably meant: the nearest by edits (optimal string alignment), when it is near enough.</summary>
public static class DidYouMean
{
    /// <summary>The nearest of <paramref name="known"/>, or null where none is within a third of the word's length (at least one edit, at most three).</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > 64)
            return null;
        var limit = Math.Clamp((word.Length + 1) / 3, 1, 3);
        return known.Where(name => Math.Abs(name.Length - word.Length) <= limit)
            .Select(name => (name, edits: Edits(word.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(candidate => candidate.edits <= limit)
            .OrderBy(candidate => candidate.edits).ThenBy(candidate => candidate.name, StringComparer.Ordinal)
            .Select(candidate => candidate.name).FirstOrDefault();
    }

    /// <summary>The names for a message, sorted and shortened: <c>allow, approve, deny</c>.</summary>
    public static string List(IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToList();
        return all.Count switch
        {
            0 => "none",
            <= 12 => string.Join(", ", all),
            _ => string.Join(", ", all.Take(12)) + $" and {all.Count - 12} more",
        };
    }

    static int Edits(string a, string b)
    {
        var (older, previous, current) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    current[j] = Math.Min(current[j], older[j - 2] + 1);
            }
            (older, previous, current) = (previous, current, older);
        }
        return previous[b.Length];
    }
}
