using AiOs.Agents.Retrieval.Indexing;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>How much each word of a query tells (<see cref="LoadedIndex.Weight"/>), and how much of it a passage covers.</summary>
sealed class QueryWeights
{
    readonly Dictionary<string, float> weights;
    readonly float total;

    public QueryWeights(LoadedIndex index, IEnumerable<string> stems)
    {
        weights = stems.Distinct(StringComparer.Ordinal).ToDictionary(s => s, s => index.Weight(index.Stem(s)), StringComparer.Ordinal);
        total = weights.Values.Sum();
    }

    /// <summary>The share of the query's weight that <paramref name="stems"/> cover, in [0, 1].</summary>
    public double Coverage(IEnumerable<string> stems) => total == 0 ? 0 : stems.Distinct(StringComparer.Ordinal).Sum(s => weights.GetValueOrDefault(s)) / total;
}
