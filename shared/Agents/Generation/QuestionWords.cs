using System.Numerics.Tensors;
using AiOs.Agents.Retrieval;

namespace AiOs.Agents.Generation;

/// <summary>The telling words of a question, and how much of them a sentence covers. A word that no passage holds tells most: it is what the knowledge is silent about.</summary>
sealed class QuestionWords
{
    /// <summary>Single words of one topic have a cosine of about this much whatever they mean.</summary>
    const double Unrelated = 0.4;

    readonly Dictionary<string, double> weights;
    readonly double total;

    public QuestionWords(string question, IReadOnlyList<Passage> passages)
    {
        var held = passages.Select(p => Terms.Of(p.Section).Concat(Terms.Of(p.Text)).ToHashSet(StringComparer.Ordinal)).ToList();
        weights = Terms.Asked(question).Distinct(StringComparer.Ordinal)
            .ToDictionary(s => s, s => held.Count(h => h.Contains(s)) is var n ? Math.Log(1 + ((held.Count - n + 0.5) / (n + 0.5))) + 1 : 0, StringComparer.Ordinal);
        total = weights.Values.Sum();
        Unknown = weights.Count == 0 ? 1 : (double)weights.Keys.Count(s => !held.Exists(h => h.Contains(s))) / weights.Count;
        Words = [.. Telling(question)];
        if (Words.Count == 0)
            Words = [.. Terms.WordsOf(question).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The words themselves.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The share of the words that no passage holds, in [0, 1].</summary>
    public double Unknown { get; }

    /// <summary>The words of a text that are no mere grammar.</summary>
    public static IEnumerable<string> Telling(string text) => Terms.WordsOf(text).Where(w => !Terms.IsStopword(w)).Distinct(StringComparer.Ordinal);

    /// <summary>In [0, 1]. A word in the headings above the sentence counts half, one elsewhere in the passage a quarter.</summary>
    public double Coverage(SourceSentence sentence)
    {
        if (total == 0)
            return 0;
        var (own, headings, around) = (Set(sentence.Plain), Set(sentence.Passage.Section), Set(sentence.Passage.Text));
        return weights.Sum(w => w.Value * (own.Contains(w.Key) ? 1 : headings.Contains(w.Key) ? 0.6 : around.Contains(w.Key) ? 0.3 : 0)) / total;
    }

    /// <summary>How much of the words' meaning stands in the sentence or its headings, in [0, 1]: each word counts by the nearest of theirs, the same word fully.</summary>
    /// <param name="sentence">What may answer.</param>
    /// <param name="vector">The vector of a word.</param>
    public double Meaning(SourceSentence sentence, Func<string, ReadOnlyMemory<float>> vector)
    {
        var theirs = Telling(sentence.Plain).Concat(Telling(sentence.Passage.Section)).Select(w => (Stem: Terms.Stem(w), Vector: vector(w))).ToList();
        var (near, all) = (0.0, 0.0);
        foreach (var word in Words)
        {
            var stem = Terms.Stem(word);
            var weight = weights.GetValueOrDefault(stem);
            var nearest = theirs.Exists(t => t.Stem == stem) ? 1 : theirs.Select(t => (double)TensorPrimitives.Dot(vector(word).Span, t.Vector.Span)).DefaultIfEmpty(0).Max();
            near += weight * Math.Max(0, (nearest - Unrelated) / (1 - Unrelated));
            all += weight;
        }

        return all == 0 ? 0 : near / all;
    }

    static HashSet<string> Set(string text) => Terms.Of(text).ToHashSet(StringComparer.Ordinal);
}
