using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace AiOs.Agents.Language;

/// <summary>How English a word looks that is on no list: the log-odds of its letter triples, learned from the lists of <see cref="Words"/>.</summary>
static class Trigrams
{
    const double Most = 1.5;

    static readonly FrozenDictionary<int, double> Odds = Learn();

    /// <summary>Positive where it looks English, negative where it looks foreign: the mean over its triples.</summary>
    public static double Lean(ReadOnlySpan<char> word)
    {
        var (sum, count) = (0.0, 0);
        foreach (var triple in new Triples(word))
        {
            sum += Odds.GetValueOrDefault(triple);
            count++;
        }

        return count == 0 ? 0 : sum / count;
    }

    static FrozenDictionary<int, double> Learn()
    {
        var (english, foreign) = (Count(Words.English), Count(Words.OfOthers.Keys));
        var (all, allForeign) = ((double)english.Values.Sum(), (double)foreign.Values.Sum());
        return english.Keys.Union(foreign.Keys).ToFrozenDictionary(triple => triple, triple =>
            Math.Clamp(Math.Log((english.GetValueOrDefault(triple) + 0.5) / all) - Math.Log((foreign.GetValueOrDefault(triple) + 0.5) / allForeign), -Most, Most));
    }

    static Dictionary<int, int> Count(IEnumerable<string> words)
    {
        var counts = new Dictionary<int, int>();
        foreach (var word in words)
            foreach (var triple in new Triples(word))
                CollectionsMarshal.GetValueRefOrAddDefault(counts, triple, out _)++;
        return counts;
    }

    /// <summary>The triples of a word between blanks, each hashed to 30 bits.</summary>
    ref struct Triples(ReadOnlySpan<char> word)
    {
        readonly ReadOnlySpan<char> word = word;
        int at = -2;

        public readonly Triples GetEnumerator() => this;

        public readonly int Current => (Letter(at) << 20) ^ (Letter(at + 1) << 10) ^ Letter(at + 2);

        public bool MoveNext() => ++at < word.Length - 1;

        readonly int Letter(int i) => i >= 0 && i < word.Length ? word[i] & 0x3ff : ' ';
    }
}
