using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;

namespace AiOs.Agents.Language;

/// <summary>Says whether a message is English, by the script of its letters, frequent words and the look of the other words. Linear in the text, of which only the
/// first <see cref="Longest"/> characters count; never throws.</summary>
/// <remarks>The two errors do not cost the same: English called foreign turns a customer away, a foreign message called undecided is read as before. So a foreign verdict
/// needs words that English does not have (or another script), more of them than English ones.</remarks>
public static class LanguageRecogniser
{
    /// <summary>So many characters are looked at.</summary>
    public const int Longest = 4_096;

    const int LongestWord = 24;

    /// <summary>An ideograph says about as much as three letters.</summary>
    const int IdeographWeight = 3;

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> English = Words.English.GetAlternateLookup<ReadOnlySpan<char>>();

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Shared = Words.Shared.GetAlternateLookup<ReadOnlySpan<char>>();

    static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> OfOthers = Words.OfOthers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What <paramref name="text"/> is written in. Stand-ins of masked values, links and words with digits do not count.</summary>
    public static Language Recognise(string text) => Recognise(text, out _);

    /// <summary>The tags (BCP 47) of all languages that can be told apart, each group of those that look alike to this recogniser.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Tags { get; } = [.. Words.Tags, .. Scripts.Tags];

    /// <summary>The same, and which language it most likely is.</summary>
    /// <param name="text">The message.</param>
    /// <param name="tags">Of one group of <see cref="Tags"/>, where it is another language and a likely one is known; else empty. By words where its letters are Latin, by its script otherwise.</param>
    public static Language Recognise(string text, out IReadOnlyList<string> tags)
    {
        var tally = new Tally(stackalloc int[Words.Languages]);
        var read = text.AsSpan(0, Math.Min(text.Length, Longest));
        while (!read.IsEmpty)
        {
            var end = read.IndexOfAny(Blanks);
            var chunk = end < 0 ? read : read[..end];
            read = end < 0 ? default : read[(end + 1)..];
            if (!IsCode(chunk))
                Read(chunk, ref tally);
        }

        var verdict = tally.Verdict();
        tags = verdict == Language.Other ? tally.Tags() : [];
        return verdict;
    }

    static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n\u00a0\u3000");

    static readonly SearchValues<char> CodeMarks = SearchValues.Create("@\\_/=[]{}<>");

    /// <summary>Links, addresses, mask tokens, identifiers.</summary>
    static bool IsCode(ReadOnlySpan<char> chunk) => chunk.ContainsAny(CodeMarks) || chunk.ContainsAnyInRange('0', '9');

    static void Read(ReadOnlySpan<char> chunk, ref Tally tally)
    {
        Span<char> word = stackalloc char[LongestWord];
        var length = 0;
        foreach (var c in chunk)
        {
            if (c is '\'' or '’' && length is > 0 and < LongestWord)
                word[length++] = '\'';
            else if (!char.IsLetter(c) && char.GetUnicodeCategory(c) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
                tally.End(word, ref length);
            else if (IsLatin(c))
            {
                if (length < LongestWord)
                    word[length++] = char.ToLowerInvariant(c);
                tally.Latin++;
            }
            else
                tally.Meet(c);
        }

        tally.End(word, ref length);
    }

    /// <summary>Latin letters with and without marks, the marks themselves (they may be written apart), and letters in full width.</summary>
    static bool IsLatin(char c) => c < '\u0370' || c is (>= '\u1e00' and < '\u1f00') or (>= '\uff21' and <= '\uff5a');

    ref struct Tally(Span<int> others)
    {
        readonly Span<int> others = others;
        int foreign, marked, unknown;
        double english, lean;

        public int Latin;

        public int Strange;

        int script = Scripts.Unknown;

        /// <summary>A letter of another script. Kana decide: what stands among them is Japanese.</summary>
        public void Meet(char c)
        {
            Strange += char.IsLetter(c) && c >= '\u2e80' ? IdeographWeight : 1;
            if (script != Scripts.Japanese && Scripts.Of(c) is var met && (script == Scripts.Unknown || met == Scripts.Japanese))
                script = met;
        }

        /// <summary>What it most likely is, once it is known to be no English.</summary>
        public readonly IReadOnlyList<string> Tags()
        {
            if (Strange > Latin)
                return script == Scripts.Unknown ? [] : Scripts.Tags[script];
            var most = 0;
            for (var language = 1; language < others.Length; language++)
                if (others[language] > others[most])
                    most = language;
            return others[most] == 0 ? [] : Words.Tags[most];
        }

        public void End(scoped ReadOnlySpan<char> buffer, ref int length)
        {
            var word = buffer[..length].TrimEnd('\'');
            length = 0;
            if (word.IsEmpty)
                return;
            if (English.Contains(word))
                english += Shared.Contains(word) ? 0.5 : 1;
            else if (OfOthers.TryGetValue(word, out var languages))
            {
                foreign++;
                for (var language = 0; language < others.Length; language++)
                    others[language] += (languages >> language) & 1;
            }
            else if (word.Length > 1)
            {
                unknown++;
                lean += Trigrams.Lean(word);
            }

            if (word.ContainsAnyExceptInRange('\0', '\u007f'))
                marked++;
        }

        /// <summary>Foreign words count where they are of one language; marked letters and a foreign look support them, English words speak against.</summary>
        public readonly Language Verdict()
        {
            if (Strange > Latin)
                return Strange > 1 ? Language.Other : Language.Undecided;
            var best = 0;
            foreach (var hits in others)
                best = Math.Max(best, hits);
            var against = best + (0.6 * (foreign - best)) + (0.5 * marked) + Math.Clamp(-lean * 0.8, -1.0, 2.0);
            if (best + marked > 0 && against >= 1 && against > 1.3 * english)
                return Language.Other;
            if (english == 0 && unknown >= 4 && lean < -0.35 * unknown)
                return Language.Other;
            return english > 0 && english >= against ? Language.English : Language.Undecided;
        }
    }
}
