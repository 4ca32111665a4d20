using Dapper;
using Microsoft.Data.Sqlite;

namespace AiOs.Agents.Retrieval;

/// <summary>How much each word of a query tells: its inverse passage frequency, as in BM25. A word that stands nowhere tells most.</summary>
sealed class QueryWeights
{
    readonly Dictionary<string, double> weights;
    readonly double total;

    QueryWeights(Dictionary<string, double> weights)
    {
        this.weights = weights;
        total = weights.Values.Sum();
    }

    public static QueryWeights Of(SqliteConnection connection, int passages, string query)
    {
        var stems = Terms.Of(query).Distinct(StringComparer.Ordinal).ToList();
        var known = connection.Query<(string Stem, long Passages)>("SELECT stem, passages FROM stems WHERE stem IN @stems", new { stems }).ToDictionary(r => r.Stem, r => r.Passages, StringComparer.Ordinal);
        return new(stems.ToDictionary(s => s, s => known.GetValueOrDefault(s) is var n ? Math.Log(1 + ((passages - n + 0.5) / (n + 0.5))) : 0, StringComparer.Ordinal));
    }

    /// <summary>The share of the query's weight that <paramref name="stems"/> cover, in [0, 1].</summary>
    public double Coverage(IEnumerable<string> stems) => total == 0 ? 0 : stems.Distinct(StringComparer.Ordinal).Sum(s => weights.GetValueOrDefault(s)) / total;
}

/// <summary>How relevant a passage is, in [0, 1], for all queries on one scale.</summary>
static class PassageScore
{
    const double Meaning = 0.5;

    /// <summary>The mean of what the sentence vectors say and of what the words say.</summary>
    public static double Of(double cosine, double coverage) => Math.Round(Math.Clamp((Meaning * Math.Max(0, cosine)) + ((1 - Meaning) * coverage), 0, 1), 4);
}
