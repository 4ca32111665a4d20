namespace AiOs.Agents.Retrieval;

/// <summary>The suffix stripper of M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980. Lower-case English words in, stems out.</summary>
static class PorterStemmer
{
    static readonly (string Suffix, string Stem)[] Step2 =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("abli", "able"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"),
        ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
    ];

    static readonly (string Suffix, string Stem)[] Step3 = [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

    static readonly string[] Step4 =
        ["ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion", "al", "er", "ic", "ou"];

    public static string Stem(string word)
    {
        if (word.Length <= 2 || word.AsSpan().ContainsAnyExceptInRange('a', 'z'))
            return word;
        word = Plural(word);
        word = Past(word);
        if (word.EndsWith('y') && HasVowel(word, word.Length - 1))
            word = word[..^1] + "i";
        word = Replace(word, Step2);
        word = Replace(word, Step3);
        word = Strip(word);
        if (word.EndsWith('e') && Measure(word, word.Length - 1) is var m && (m > 1 || (m == 1 && !EndsShort(word, word.Length - 1))))
            word = word[..^1];
        return word.EndsWith("ll", StringComparison.Ordinal) && Measure(word, word.Length - 1) > 1 ? word[..^1] : word;
    }

    static string Plural(string word) => word switch
    {
        [.., 's', 's', 'e', 's'] or [.., 'i', 'e', 's'] => word[..^2],
        [.., 's', 's'] => word,
        [.., 's'] => word[..^1],
        _ => word,
    };

    static string Past(string word)
    {
        if (word.EndsWith("eed", StringComparison.Ordinal))
            return Measure(word, word.Length - 3) > 0 ? word[..^1] : word;
        var cut = word.EndsWith("ed", StringComparison.Ordinal) ? 2 : word.EndsWith("ing", StringComparison.Ordinal) ? 3 : 0;
        if (cut == 0 || !HasVowel(word, word.Length - cut))
            return word;
        var stem = word[..^cut];
        if (stem is [.., 'a', 't'] or [.., 'b', 'l'] or [.., 'i', 'z'])
            return stem + "e";
        if (stem.Length > 1 && stem[^1] == stem[^2] && IsConsonant(stem, stem.Length - 1))
            return stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1];
        return Measure(stem, stem.Length) == 1 && EndsShort(stem, stem.Length) ? stem + "e" : stem;
    }

    static string Replace(string word, (string Suffix, string Stem)[] rules)
    {
        foreach (var (suffix, stem) in rules)
            if (word.EndsWith(suffix, StringComparison.Ordinal))
                return Measure(word, word.Length - suffix.Length) > 0 ? string.Concat(word.AsSpan(0, word.Length - suffix.Length), stem) : word;
        return word;
    }

    static string Strip(string word)
    {
        foreach (var suffix in Step4)
            if (word.EndsWith(suffix, StringComparison.Ordinal))
            {
                var length = word.Length - suffix.Length;
                return Measure(word, length) > 1 && (suffix != "ion" || (length > 0 && word[length - 1] is 's' or 't')) ? word[..length] : word;
            }

        return word;
    }

    /// <summary>How often a vowel run is followed by a consonant run in the first <paramref name="length"/> letters.</summary>
    static int Measure(string word, int length)
    {
        var (count, vowel) = (0, false);
        for (var i = 0; i < length; i++)
        {
            var consonant = IsConsonant(word, i);
            if (consonant && vowel)
                count++;
            vowel = !consonant;
        }

        return count;
    }

    static bool HasVowel(string word, int length)
    {
        for (var i = 0; i < length; i++)
            if (!IsConsonant(word, i))
                return true;
        return false;
    }

    /// <summary>Consonant, vowel, consonant other than w, x, y.</summary>
    static bool EndsShort(string word, int length) =>
        length >= 3 && IsConsonant(word, length - 1) && !IsConsonant(word, length - 2) && IsConsonant(word, length - 3) && word[length - 1] is not ('w' or 'x' or 'y');

    static bool IsConsonant(string word, int i) => word[i] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => i == 0 || !IsConsonant(word, i - 1),
        _ => true,
    };
}
