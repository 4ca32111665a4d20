namespace AiOs.Observability.Intents;

/// <summary>How messages of one intent were understood.</summary>
/// <param name="Intent">What people say they mean.</param>
/// <param name="Messages">How many there are.</param>
/// <param name="Recall">The share of them that was understood so, 0 to 1.</param>
/// <param name="Precision">Of all messages understood so, the share that means it, 0 to 1; null where none was.</param>
/// <param name="TakenFor">Other intents that they were taken for, with counts, the most frequent first.</param>
public sealed record IntentConfusion(string Intent, int Messages, double Recall, double? Precision, IReadOnlyDictionary<string, int> TakenFor)
{
    /// <summary>One row for each intent that was expected, the lowest recall first.</summary>
    public static IReadOnlyList<IntentConfusion> Of(IReadOnlyList<(string Expected, string Got)> answers)
    {
        var given = answers.CountBy(answer => answer.Got, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return [.. answers.GroupBy(answer => answer.Expected, StringComparer.Ordinal).Select(Row).OrderBy(row => row.Recall).ThenBy(row => row.Intent, StringComparer.Ordinal)];

        IntentConfusion Row(IGrouping<string, (string Expected, string Got)> group)
        {
            var right = group.Count(answer => answer.Got == group.Key);
            var others = group.Where(answer => answer.Got != group.Key).CountBy(answer => answer.Got, StringComparer.Ordinal).OrderByDescending(other => other.Value);
            return new(group.Key, group.Count(), Share(right, group.Count()), given.TryGetValue(group.Key, out var all) ? Share(right, all) : null, others.ToDictionary(StringComparer.Ordinal));
        }
    }

    static double Share(int part, int whole) => Math.Round((double)part / whole, 4);
}
