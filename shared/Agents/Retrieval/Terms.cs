using System.Collections.Frozen;

namespace AiOs.Agents.Retrieval;

/// <summary>The words of a text that carry its meaning.</summary>
public static class Terms
{
    const int LongestWord = 40;

    static readonly FrozenSet<string> Stopwords = ("a about above after again all already also am an and any anybody anyone anything are aren't as ask at be been before being below between both but by can can't cannot "
        + "could did didn't do does doesn't doing don't down during each else ever everything few for from further get gets getting give go goes going got had has have haven't having he hello help her here hers hi him his how "
        + "i i'd i'll i'm i've if in into is isn't it it's its just kindly know let like long make many may me mean might more most much must my need no nor not now of off ok okay on once one only or other our ours out over own "
        + "please possible same say shall she should show so some somebody someone something such take tell than thank thanks that that's the their them then there these they thing things this those through to too under until up us "
        + "use used using very want was wasn't way we were what what's when where whether which while who whom whose why will with without won't would wonder wondering yes you your yours")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>All words in lower case: runs of letters and digits.</summary>
    public static IEnumerable<string> WordsOf(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            while (i < text.Length && (char.IsLetterOrDigit(text[i]) || (i > start && text[i] is '\'' or '’' && i + 1 < text.Length && char.IsLetter(text[i + 1]))))
                i++;
            if (i == start)
                i++;
            else if (i - start <= LongestWord)
                yield return text[start..i].ToLowerInvariant().Replace('’', '\'');
        }
    }

    /// <summary>Stems of the words that are no mere grammar, in order, with repetitions.</summary>
    public static IEnumerable<string> Of(string text) => WordsOf(text).Where(w => !Stopwords.Contains(w)).Select(Stem);

    /// <summary>The stems of a query: as <see cref="Of"/>, but of all its words where it is mere grammar.</summary>
    public static IReadOnlyList<string> Asked(string query) => Of(query).ToList() is { Count: > 0 } telling ? telling : [.. WordsOf(query).Select(Stem)];

    /// <summary>Whether <paramref name="word"/> (lower case) is mere grammar.</summary>
    public static bool IsStopword(string word) => Stopwords.Contains(word);

    /// <summary>The stem of a word in lower case, its genitive dropped.</summary>
    public static string Stem(string word)
    {
        var quote = word.IndexOf('\'', StringComparison.Ordinal);
        return PorterStemmer.Stem(IrregularForms.BaseOf(quote > 0 ? word[..quote] : word));
    }
}
