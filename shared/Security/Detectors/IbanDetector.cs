using System.Collections.Frozen;
using System.Text;

namespace AiOs.Security.Detectors;

/// <summary>International bank account numbers (ISO 13616): known country, that country's length, and the remainder 1 modulo 97.
/// In one piece or in groups with spaces or dashes; upper or lower case. Lengths: SWIFT's IBAN registry.</summary>
static class IbanDetector
{
    static readonly FrozenDictionary<string, int> Lengths = Parse("""
        AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23
        GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28
        NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
        """);

    static FrozenDictionary<string, int> Parse(string table) =>
        table.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenDictionary(e => e[..2], e => int.Parse(e.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal);

    public static IEnumerable<Candidate> Find(string text)
    {
        for (var i = 0; i + 15 <= text.Length; i++)
        {
            if (!char.IsAsciiLetter(text[i]) || !char.IsAsciiDigit(text[i + 2]) || i > 0 && char.IsLetterOrDigit(text[i - 1]) || Read(text, i) is not var (iban, end)) continue;
            yield return new Candidate(MaskKinds.Iban, i, end, iban);
            i = end - 1;
        }
    }

    static (string Iban, int End)? Read(string text, int start)
    {
        if (!char.IsAsciiLetter(text[start]) || !char.IsAsciiLetter(text[start + 1])) return null;
        if (!Lengths.TryGetValue(text.Substring(start, 2).ToUpperInvariant(), out var length)) return null;
        var iban = new StringBuilder(length);
        var end = start;
        while (end < text.Length && iban.Length < length)
        {
            var c = text[end++];
            if (char.IsAsciiLetterOrDigit(c)) iban.Append(char.ToUpperInvariant(c));
            else if (c is not (' ' or '-') || text[end - 2] is ' ' or '-') return null;
        }
        var whole = iban.Length == length && (end == text.Length || !char.IsLetterOrDigit(text[end]));
        return whole && Remainder(iban.ToString()) == 1 ? (iban.ToString(), end) : null;
    }

    /// <summary>The first four characters behind the rest, letters as 10 to 35, modulo 97 (ISO 7064).</summary>
    static int Remainder(string iban)
    {
        var remainder = 0;
        for (var i = 0; i < iban.Length; i++)
        {
            var c = iban[(i + 4) % iban.Length];
            remainder = char.IsAsciiDigit(c) ? (remainder * 10 + c - '0') % 97 : (remainder * 100 + c - 'A' + 10) % 97;
        }
        return remainder;
    }
}
