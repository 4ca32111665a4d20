using AiOs.Agents.Retrieval;

namespace AiOs.Agents.Generation;

/// <summary>The telling words of a question, and how much of them a sentence covers. A word that no passage holds tells most: it is what the knowledge is silent about.</summary>
sealed class QuestionWords
{
    readonly Dictionary<string, double> weights;
    readonly double total;

    public QuestionWords(string question, IReadOnlyList<Passage> passages)
    {
        var held = passages.Select(p => Terms.Of(p.Section).Concat(Terms.Of(p.Text)).ToHashSet(StringComparer.Ordinal)).ToList();
        weights = Terms.Of(question).Distinct(StringComparer.Ordinal)
            .ToDictionary(s => s, s => Math.Log(1 + ((held.Count - held.Count(h => h.Contains(s)) + 0.5) / (held.Count(h => h.Contains(s)) + 0.5))) + 1, StringComparer.Ordinal);
        total = weights.Values.Sum();
    }

    /// <summary>In [0, 1]. A word in the headings above the sentence counts half, one elsewhere in the passage a quarter.</summary>
    public double Coverage(SourceSentence sentence)
    {
        if (total == 0)
            return 0;
        var (own, headings, around) = (Set(sentence.Plain), Set(sentence.Passage.Section), Set(sentence.Passage.Text));
        return weights.Sum(w => w.Value * (own.Contains(w.Key) ? 1 : headings.Contains(w.Key) ? 0.6 : around.Contains(w.Key) ? 0.3 : 0)) / total;
    }

    static HashSet<string> Set(string text) => Terms.Of(text).ToHashSet(StringComparer.Ordinal);
}
