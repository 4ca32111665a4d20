namespace AiOs.Observability;

/// <summary>Finds labelled messages that nearly repeat a training example and so measure memory, not understanding:
/// Jaccard similarity of the sets of character 4-grams above <see cref="Limit"/>.</summary>
public static class NearRepeats
{
    /// <summary>Above this two texts count as the same.</summary>
    public const double Limit = 0.6;

    const int Gram = 4;

    /// <summary>The example that <paramref name="text"/> nearly repeats, or null.</summary>
    public static string? Of(string text, IReadOnlyList<(string Example, IReadOnlySet<string> Grams)> examples)
    {
        var grams = Grams(text);
        foreach (var (example, known) in examples)
            if (Jaccard(grams, known) > Limit)
                return example;
        return null;
    }

    /// <summary>The character 4-grams of the text in lower case, letters and digits only, words apart by one space.</summary>
    public static IReadOnlySet<string> Grams(string text)
    {
        var words = new string([.. text.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var line = string.Join(' ', words);
        var grams = new HashSet<string>(StringComparer.Ordinal);
        if (line.Length is > 0 and < Gram) grams.Add(line);
        for (var i = 0; i + Gram <= line.Length; i++) grams.Add(line.Substring(i, Gram));
        return grams;
    }

    static double Jaccard(IReadOnlySet<string> one, IReadOnlySet<string> other)
    {
        if (one.Count == 0 || other.Count == 0) return 0;
        var common = one.Count(other.Contains);
        return (double)common / (one.Count + other.Count - common);
    }
}
