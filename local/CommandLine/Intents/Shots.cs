namespace AiOs.Local.CommandLine.Intents;

/// <summary>Few-shot samples: so many examples of each label, out of scope included.</summary>
static class Shots
{
    /// <summary>A sample by chance; the same seed gives the same one.</summary>
    public static IReadOnlyList<LabelledFile.Entry> Sample(IReadOnlyList<LabelledFile.Entry> entries, int shots, int seed)
    {
        var random = new Random(seed);
        return [.. entries.GroupBy(entry => entry.Intent, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).SelectMany(group =>
        {
            var shuffled = group.ToArray();
            random.Shuffle(shuffled);
            return shuffled.Take(shots);
        })];
    }
}
