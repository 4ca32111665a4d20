namespace AiOs.Agents.Intent;

/// <summary>How often each n-gram stands in a text, words and characters apart. N-grams are known by a seeded 64-bit hash, so no substring is ever made.</summary>
sealed class GramCounts
{
    const int ShortestChars = 3, LongestChars = 5;
    const ulong FnvOffset = 14695981039346656037, FnvPrime = 1099511628211;

    GramCounts(Dictionary<ulong, int> words, Dictionary<ulong, int> chars) => (Words, Chars) = (words, chars);

    /// <summary>Words and pairs of neighbouring words.</summary>
    public Dictionary<ulong, int> Words { get; }

    /// <summary>Runs of 3 to 5 characters inside a word with one space on either side (what scikit-learn calls char_wb).</summary>
    public Dictionary<ulong, int> Chars { get; }

    /// <summary>Counts the grams of a folded text.</summary>
    public static GramCounts Of(string folded, ulong seed)
    {
        var (words, chars) = (new Dictionary<ulong, int>(), new Dictionary<ulong, int>());
        CountWords(folded, Start(seed, 'w'), words);
        CountChars(folded, Start(seed, 'c'), chars);
        return new(words, chars);
    }

    static void CountWords(ReadOnlySpan<char> text, ulong start, Dictionary<ulong, int> into)
    {
        ulong? previous = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsWord(text[i]))
                continue;
            var end = i + 1;
            while (end < text.Length && (IsWord(text[end]) || (text[end] == '\'' && end + 1 < text.Length && IsWord(text[end + 1]))))
                end++;
            var word = Hash(start, text[i..end]);
            Count(into, word);
            if (previous is { } before)
                Count(into, Hash(Step(before, ' '), text[i..end]));
            (previous, i) = (word, end);
        }
    }

    static void CountChars(ReadOnlySpan<char> text, ulong start, Dictionary<ulong, int> into)
    {
        Span<char> padded = stackalloc char[256];
        foreach (var range in text.SplitAny(" \t\r\n"))
        {
            var token = text[range];
            if (token.IsEmpty)
                continue;
            // A "word" that no one writes is cut: its start says as much.
            token = token[..Math.Min(token.Length, padded.Length - 2)];
            padded[0] = padded[token.Length + 1] = ' ';
            token.CopyTo(padded[1..]);
            CountRuns(padded[..(token.Length + 2)], start, into);
        }
    }

    static void CountRuns(ReadOnlySpan<char> word, ulong start, Dictionary<ulong, int> into)
    {
        for (var length = ShortestChars; length <= LongestChars; length++)
        {
            for (var i = 0; i + length <= word.Length; i++)
                Count(into, Hash(start, word.Slice(i, length)));
            if (word.Length <= length)
                return;
        }
    }

    static void Count(Dictionary<ulong, int> into, ulong gram)
    {
        gram = Mix(gram);
        into[gram] = into.GetValueOrDefault(gram) + 1;
    }

    static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    static ulong Start(ulong seed, char block) => Step(FnvOffset ^ seed, block);

    // FNV-1a over UTF-16 units (http://www.isthe.com/chongo/tech/comp/fnv/), finished with the mixer of SplitMix64.
    static ulong Step(ulong hash, char c) => (hash ^ c) * FnvPrime;

    static ulong Hash(ulong start, ReadOnlySpan<char> gram)
    {
        foreach (var c in gram)
            start = Step(start, c);
        return start;
    }

    static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
