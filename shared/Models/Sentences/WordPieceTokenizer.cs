using System.Globalization;
using System.Text;
using AiOs.Models.Unicode;

namespace AiOs.Models.Sentences;

/// <summary>Splits text as BERT does (Devlin et al. 2019, https://arxiv.org/abs/1810.04805; uncased): lower case without accents, words at white space, punctuation and Chinese characters alone, and each word
/// into the longest known pieces from the left. The text is in NFKC first, so a full-width letter is a letter. The time is linear in the text: a piece is bounded, and so is a word.</summary>
public sealed class WordPieceTokenizer(WordPieceVocabulary vocabulary) : ISentenceTokenizer
{
    /// <summary>The encoder reads no more tokens than this, the first and the last included.</summary>
    public const int MaxTokens = 128;

    /// <summary>Text behind this many UTF-16 units is not looked at.</summary>
    public const int MaxText = 8192;

    const int LongestWord = 100;

    /// <inheritdoc/>
    public int[] Encode(string text)
    {
        List<int> tokens = [vocabulary.First];
        var word = new StringBuilder();
        foreach (var rune in Nfkc.TakeApart(Nfkc.Normalize(Start(text))))
        {
            if (tokens.Count >= MaxTokens)
                break;
            var category = Rune.GetUnicodeCategory(rune);
            if (category == UnicodeCategory.NonSpacingMark || (IsOther(category) && !IsLineSpace(rune)) || rune == Rune.ReplacementChar)
                continue;
            var alone = IsPunctuation(rune, category) || IsChinese(rune.Value);
            if (alone || Rune.IsWhiteSpace(rune))
                End(word, tokens);
            if (!Rune.IsWhiteSpace(rune))
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            if (alone)
                End(word, tokens);
        }
        End(word, tokens);
        return tokens.Count == 1 ? [] : [.. tokens.Take(MaxTokens - 1), vocabulary.Last];
    }

    static string Start(string text) => text.Length <= MaxText ? text : text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];

    /// <summary>The pieces of a word; a word that cannot be made up of pieces, or that nobody writes, is unknown as a whole.</summary>
    void End(StringBuilder word, List<int> tokens)
    {
        if (word.Length == 0)
            return;
        var (letters, whole) = (word.ToString(), tokens.Count);
        word.Clear();
        var isTooLong = letters.Length > LongestWord && letters.EnumerateRunes().Count() > LongestWord;
        for (var at = 0; at < letters.Length;)
        {
            var (piece, length) = isTooLong ? (-1, 0) : vocabulary.Longest(letters.AsSpan(at), continues: at > 0);
            if (piece < 0)
            {
                tokens.RemoveRange(whole, tokens.Count - whole);
                tokens.Add(vocabulary.Unknown);
                return;
            }
            tokens.Add(piece);
            at += length;
        }
    }

    static bool IsLineSpace(Rune rune) => rune.Value is '\t' or '\n' or '\r';

    static bool IsOther(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned;

    static bool IsPunctuation(Rune rune, UnicodeCategory category) => rune.IsAscii
        ? rune.Value is >= '!' and <= '/' or >= ':' and <= '@' or >= '[' and <= '`' or >= '{' and <= '~'
        : category is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    static bool IsChinese(int codePoint) => codePoint is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B73F or >= 0x2B740 and <= 0x2B81F
        or >= 0x2B820 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF or >= 0x2F800 and <= 0x2FA1F;
}
