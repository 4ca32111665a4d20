using AiOs.Agents.Retrieval.Indexing;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>A query told by its first results: the relevance model RM3 (Lavrenko, Croft, SIGIR 2001; Abdul-Jaleel et al., TREC 2004).
/// The words that stand in the best passages join the query, each in proportion to how much of those passages it makes up.</summary>
static class Feedback
{
    /// <summary>The share of the query that stays the user's own.</summary>
    const float Own = 0.4f;

    /// <summary>A word in more than this share of the passages tells none from another.</summary>
    const float MostCommon = 0.3f;

    const int MostWords = 50;

    public static List<(int Stem, float Weight)> Expand(LoadedIndex index, IReadOnlyList<(int Stem, float Weight)> query, IReadOnlyList<(int Passage, float Score)> best)
    {
        var found = Model(index, best).Where(w => index.Frequency(w.Key) < MostCommon * index.Passages)
            .OrderByDescending(w => w.Value).ThenBy(w => w.Key).Take(MostWords).ToList();
        var (asked, told) = (query.Sum(q => q.Weight), found.Sum(w => w.Value));
        if (asked <= 0 || told <= 0)
            return [.. query];
        var joined = query.ToDictionary(q => q.Stem, q => Own * q.Weight / asked);
        foreach (var (stem, share) in found)
            joined[stem] = joined.GetValueOrDefault(stem) + ((1 - Own) * share / told);
        return [.. joined.Select(j => (j.Key, j.Value))];
    }

    static Dictionary<int, float> Model(LoadedIndex index, IReadOnlyList<(int Passage, float Score)> best)
    {
        var offsets = index.Part<int>(IndexPart.WordOffsets);
        var stems = index.Part<int>(IndexPart.WordStems);
        var counts = index.Part<byte>(IndexPart.WordCounts);
        var lengths = index.Part<int>(IndexPart.Lengths);
        var model = new Dictionary<int, float>();
        foreach (var (passage, score) in best)
            for (var i = offsets[passage]; i < offsets[passage + 1]; i++)
                model[stems[i]] = model.GetValueOrDefault(stems[i]) + (Math.Max(0, score) * counts[i] / lengths[passage]);
        return model;
    }
}
