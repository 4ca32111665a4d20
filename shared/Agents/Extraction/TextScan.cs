using System.Globalization;

namespace AiOs.Agents.Extraction;

enum TokenKind
{
    Word,
    Digits,
    Mask,
    Symbol,
    Break,
}

readonly record struct Token(int Start, int End, TokenKind Kind);

/// <summary>A text cut into words, digit runs, mask tokens, symbols and line breaks, in one pass. Whatever the finders do from there on
/// looks at a bounded number of tokens per position, so that the whole extraction is linear in the text.</summary>
sealed class TextScan
{
    const int MaskCharacters = 26;
    readonly List<Token> tokens = [];
    readonly List<int> sentences = [];

    public TextScan(string text)
    {
        Text = text;
        var sentence = 0;
        for (var i = 0; i < text.Length;)
        {
            var token = Next(text, i);
            i = token.End;
            if (token.Kind == TokenKind.Symbol && char.IsWhiteSpace(text[token.Start]))
                continue;
            tokens.Add(token);
            sentences.Add(sentence);
            if (EndsSentence(token))
                sentence++;
        }
    }

    public string Text { get; }

    public int Count => tokens.Count;

    public Token this[int index] => tokens[index];

    public int SentenceOf(int index) => sentences[index];

    public TokenKind? KindAt(int index) => index >= 0 && index < tokens.Count ? tokens[index].Kind : null;

    public ReadOnlySpan<char> this[Token token] => Text.AsSpan(token.Start, token.End - token.Start);

    public ReadOnlySpan<char> TextAt(int index) => index >= 0 && index < tokens.Count ? this[tokens[index]] : default;

    public bool Is(int index, string word) => TextAt(index).Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool IsWord(int index) => KindAt(index) == TokenKind.Word;

    public bool IsDigits(int index) => KindAt(index) == TokenKind.Digits;

    public bool IsSymbol(int index, char symbol) => KindAt(index) == TokenKind.Symbol && Text[tokens[index].Start] == symbol;

    /// <summary>Whether nothing stands between the token and the one before it.</summary>
    public bool Touches(int index) => index > 0 && index < tokens.Count && tokens[index - 1].End == tokens[index].Start;

    /// <summary>Index of the token that holds the character at <paramref name="offset"/>, else of the next one.</summary>
    public int At(int offset)
    {
        var (low, high) = (0, tokens.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = tokens[middle].End <= offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The lower-case word at <paramref name="index"/>, or an empty string where there is none.</summary>
    public string Word(int index) => IsWord(index) && tokens[index].End - tokens[index].Start <= 40 ? TextAt(index).ToString().ToLowerInvariant() : "";

    /// <summary>The digits at <paramref name="index"/> as a number, or -1 where there are none or more than <paramref name="atMost"/>.</summary>
    public int Small(int index, int atMost) =>
        IsDigits(index) && tokens[index].End - tokens[index].Start <= atMost ? int.Parse(TextAt(index), NumberStyles.None, CultureInfo.InvariantCulture) : -1;

    static Token Next(string text, int start)
    {
        var c = text[start];
        if (c is '\n' or '\r')
            return new(start, start + 1, TokenKind.Break);
        if (char.IsAsciiDigit(c))
            return new(start, Run(text, start, char.IsAsciiDigit), TokenKind.Digits);
        if (IsLetter(c))
            return new(start, WordEnd(text, start), TokenKind.Word);
        return c == '[' && MaskEnd(text, start) is var end and > 0 ? new(start, end, TokenKind.Mask) : new(start, start + 1, TokenKind.Symbol);
    }

    static bool IsLetter(char c) => char.IsLetter(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    static int Run(string text, int start, Func<char, bool> belongs)
    {
        var end = start;
        while (end < text.Length && belongs(text[end]))
            end++;
        return end;
    }

    static int WordEnd(string text, int start)
    {
        var end = Run(text, start, IsLetter);
        while (end + 1 < text.Length && text[end] is '\'' or '’' && IsLetter(text[end + 1]))
            end = Run(text, end + 1, IsLetter);
        return end;
    }

    /// <summary>The end of a token such as <c>[email:7kq3zt5m2a...]</c> at <paramref name="start"/>, or 0.</summary>
    static int MaskEnd(string text, int start)
    {
        var colon = start + 1;
        while (colon < text.Length && colon - start <= 16 && char.IsAsciiLetterLower(text[colon]))
            colon++;
        var close = colon + 1 + MaskCharacters;
        if (colon == start + 1 || close >= text.Length || text[colon] != ':' || text[close] != ']')
            return 0;
        return Run(text, colon + 1, c => char.IsAsciiLetterLower(c) || c is >= '2' and <= '7') == close ? close + 1 : 0;
    }

    bool EndsSentence(Token token)
    {
        if (token.Kind == TokenKind.Break)
            return true;
        if (token.Kind != TokenKind.Symbol || Text[token.Start] is not ('.' or '!' or '?' or ';'))
            return false;
        return token.End == Text.Length || char.IsWhiteSpace(Text[token.End]);
    }
}
