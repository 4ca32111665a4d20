using System.Globalization;
using System.Text;

namespace AiOs.Policies.Cel;

enum CelTokenKind { End, Name, Number, Text, Symbol }

/// <summary>A lexical element: its text as written, its offset, and for texts and numbers the value.</summary>
readonly record struct CelToken(CelTokenKind Kind, string Text, int Position, object? Value = null)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;
}

/// <summary>Cuts source into tokens in one pass, per the lexis of the CEL language definition (without bytes and unsigned numbers).</summary>
sealed class CelLexer(string source)
{
    static readonly string[] Symbols = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

    int at;

    public List<CelToken> Tokens()
    {
        var tokens = new List<CelToken>();
        while (true)
        {
            SkipBlank();
            if (at == source.Length)
            {
                tokens.Add(new CelToken(CelTokenKind.End, "the end", at));
                return tokens;
            }
            tokens.Add(Next());
        }
    }

    void SkipBlank()
    {
        while (at < source.Length)
            if (source[at] is ' ' or '\t' or '\n' or '\r' or '\f')
                at++;
            else if (source.AsSpan(at).StartsWith("//", StringComparison.Ordinal))
                at = source.IndexOf('\n', at) is >= 0 and var end ? end : source.Length;
            else
                return;
    }

    CelToken Next()
    {
        var c = source[at];
        if (c is '"' or '\'')
            return Text(at, raw: false);
        if (c is 'r' or 'R' or 'b' or 'B' && at + 1 < source.Length && source[at + 1] is '"' or '\'')
            return c is 'r' or 'R' ? Text(at++, raw: true) : throw new CelException("Bytes are not part of this CEL subset.", at, source[(at + 1)..Math.Min(source.Length, at + 20)]);
        if (char.IsAsciiLetter(c) || c == '_')
        {
            var start = at;
            while (at < source.Length && (char.IsAsciiLetterOrDigit(source[at]) || source[at] == '_'))
                at++;
            return new CelToken(CelTokenKind.Name, source[start..at], start);
        }
        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1])))
            return Number();
        foreach (var symbol in Symbols)
            if (source.AsSpan(at).StartsWith(symbol, StringComparison.Ordinal))
            {
                at += symbol.Length;
                return new CelToken(CelTokenKind.Symbol, symbol, at - symbol.Length);
            }
        throw c switch
        {
            '=' => new CelException("A single `=` compares nothing.", at, "=="),
            '&' => new CelException("A single `&` is no operator.", at, "&&"),
            '|' => new CelException("A single `|` is no operator.", at, "||"),
            '“' or '”' or '‘' or '’' or '`' => new CelException("Text stands in straight quotes.", at, "\"...\""),
            '$' => new CelException("`$` is only for text with `${...}` in it; here stands plain CEL.", at, "leave out `${` and `}`"),
            _ => new CelException($"The character `{Printable(c)}` has no meaning here.", at),
        };
    }

    static string Printable(char c) => char.IsControl(c) || char.IsSurrogate(c) ? "U+" + ((int)c).ToString("X4", CultureInfo.InvariantCulture) : c.ToString();

    CelToken Number()
    {
        var start = at;
        if (source[at] == '0' && at + 1 < source.Length && source[at + 1] is 'x' or 'X')
        {
            at += 2;
            while (at < source.Length && char.IsAsciiHexDigit(source[at]))
                at++;
            EndNumber(start);
            return ulong.TryParse(source.AsSpan(start + 2, at - start - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex)
                ? new CelToken(CelTokenKind.Number, source[start..at], start, hex)
                : throw OutOfRange(start);
        }
        Digits();
        var whole = true;
        if (at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]))
        {
            whole = false;
            at++;
            Digits();
        }
        if (at < source.Length && source[at] is 'e' or 'E')
        {
            var sign = at + 1 < source.Length && source[at + 1] is '+' or '-' ? 1 : 0;
            if (at + 1 + sign < source.Length && char.IsAsciiDigit(source[at + 1 + sign]))
            {
                whole = false;
                at += 1 + sign;
                Digits();
            }
        }
        EndNumber(start);
        var text = source[start..at];
        if (whole)
            return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)
                ? new CelToken(CelTokenKind.Number, text, start, integer)
                : throw OutOfRange(start);
        var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(number) ? new CelToken(CelTokenKind.Number, text, start, number) : throw OutOfRange(start);
    }

    void Digits()
    {
        while (at < source.Length && char.IsAsciiDigit(source[at]))
            at++;
    }

    void EndNumber(int start)
    {
        if (at < source.Length && source[at] is 'u' or 'U')
            throw new CelException("Unsigned numbers are not part of this CEL subset.", start, source[start..at]);
        if (at < source.Length && (char.IsAsciiLetter(source[at]) || source[at] == '_'))
            throw new CelException($"`{source[at]}` cannot follow a number.", at, "put quotes around text");
    }

    CelException OutOfRange(int start) => new("The number does not fit into 64 bits.", start);

    CelToken Text(int start, bool raw)
    {
        at = raw ? start + 1 : start;
        var quote = source[at];
        var triple = at + 2 < source.Length && source[at + 1] == quote && source[at + 2] == quote;
        at += triple ? 3 : 1;
        var text = new StringBuilder();
        while (true)
        {
            if (at >= source.Length || (!triple && source[at] is '\n' or '\r' && !triple))
                throw new CelException("The text is not closed.", start, (triple ? new string(quote, 3) : quote.ToString()) + " at its end");
            if (source[at] == quote && (!triple || source.AsSpan(at).StartsWith(new string(quote, 3), StringComparison.Ordinal)))
            {
                at += triple ? 3 : 1;
                return new CelToken(CelTokenKind.Text, source[start..at], start, text.ToString());
            }
            if (source[at] == '\\' && !raw)
                Escape(text);
            else
                text.Append(source[at++]);
        }
    }

    void Escape(StringBuilder text)
    {
        var start = at++;
        var c = at < source.Length ? source[at++] : '\0';
        switch (c)
        {
            case '\\' or '?' or '"' or '\'' or '`': text.Append(c); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'n': text.Append('\n'); break;
            case 'r': text.Append('\r'); break;
            case 't': text.Append('\t'); break;
            case 'v': text.Append('\v'); break;
            case 'x' or 'X': text.Append((char)Code(start, 2, 16)); break;
            case 'u': Append(text, start, Code(start, 4, 16)); break;
            case 'U': Append(text, start, Code(start, 8, 16)); break;
            case >= '0' and <= '3': at--; text.Append((char)Code(start, 3, 8)); break;
            default: throw new CelException("No such escape sequence.", start, @"\\ for a backslash, or r""..."" for text without escapes");
        }
    }

    long Code(int start, int digits, int radix)
    {
        if (at + digits > source.Length)
            throw new CelException("The escape sequence is cut short.", start);
        long code = 0;
        for (var end = at + digits; at < end; at++)
        {
            var digit = char.IsAsciiHexDigit(source[at]) ? Convert.ToInt32(source[at].ToString(), 16) : radix;
            if (digit >= radix)
                throw new CelException($"An escape sequence of {digits} digits is expected.", start);
            code = (code * radix) + digit;
        }
        return code;
    }

    static void Append(StringBuilder text, int start, long code)
    {
        if (code > 0x10FFFF || code is >= 0xD800 and <= 0xDFFF)
            throw new CelException("The escape sequence is no Unicode code point.", start);
        text.Append(char.ConvertFromUtf32((int)code));
    }
}
