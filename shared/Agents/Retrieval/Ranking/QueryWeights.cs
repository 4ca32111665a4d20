namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>How much each word of a query tells in this knowledge, and how much of it a passage covers.</summary>
sealed class QueryWeights
{
    readonly Dictionary<string, float> weights;
    readonly float total;

    /// <param name="weight">What a stem tells.</param>
    /// <param name="stems">Of the query.</param>
    public QueryWeights(Func<string, float> weight, IEnumerable<string> stems)
    {
        weights = stems.Distinct(StringComparer.Ordinal).ToDictionary(s => s, weight, StringComparer.Ordinal);
        total = weights.Values.Sum();
    }

    /// <summary>The share of the query's weight that <paramref name="stems"/> cover, in [0, 1].</summary>
    public double Coverage(IEnumerable<string> stems) => total == 0 ? 0 : stems.Distinct(StringComparer.Ordinal).Sum(s => weights.GetValueOrDefault(s)) / total;
}
