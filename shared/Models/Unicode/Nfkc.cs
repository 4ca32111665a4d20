using System.Text;

namespace AiOs.Models.Unicode;

/// <summary>Unicode normalization form NFKC from tables of our own. The platform's <see cref="string.Normalize()"/> leaves text as it is under
/// InvariantGlobalization, and elsewhere follows the ICU version of the machine; token ids must be the same everywhere.
/// Source: Unicode Standard Annex 15, https://unicode.org/reports/tr15/.</summary>
public static class Nfkc
{
    const int HangulBase = 0xAC00, HangulCount = 11172, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, LeadCount = 19, VowelCount = 21, TrailCount = 28;
    static readonly Lazy<UnicodeTable> table = new(UnicodeTable.Load);

    /// <summary><paramref name="text"/> in NFKC. Lone surrogates become U+FFFD. Linear in the length, but for the sorting of runs of combining marks.</summary>
    public static string Normalize(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        var codePoints = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, codePoints);
        Order(codePoints);
        var length = Compose(codePoints);
        var result = new StringBuilder(length);
        for (var i = 0; i < length; i++)
            result.Append(new Rune(codePoints[i]).ToString());
        return result.ToString();
    }

    /// <summary>The code points of a text in NFKC with composed letters taken apart, letter first: canonical decomposition, but for the order of marks that stand on one letter.</summary>
    public static IEnumerable<Rune> TakeApart(string normalized)
    {
        var parts = new List<int>();
        foreach (var rune in normalized.EnumerateRunes())
        {
            if (rune.Value < 0xC0)
            {
                yield return rune;
                continue;
            }
            parts.Clear();
            Decompose(rune.Value, parts);
            foreach (var part in parts)
                yield return new Rune(part);
        }
    }

    static void Decompose(int codePoint, List<int> into)
    {
        var syllable = codePoint - HangulBase;
        if (codePoint < 0xA0)
            into.Add(codePoint);
        else if (syllable is >= 0 and < HangulCount)
        {
            into.Add(LeadBase + syllable / (VowelCount * TrailCount));
            into.Add(VowelBase + syllable % (VowelCount * TrailCount) / TrailCount);
            if (syllable % TrailCount != 0)
                into.Add(TrailBase + syllable % TrailCount);
        }
        else if (table.Value.Decompositions.TryGetValue(codePoint, out var parts))
            into.AddRange(parts);
        else
            into.Add(codePoint);
    }

    /// <summary>Canonical order: within a run of combining marks by class, otherwise as written.</summary>
    static void Order(List<int> codePoints)
    {
        for (var start = 0; start < codePoints.Count; start++)
        {
            if (Class(codePoints[start]) == 0)
                continue;
            var end = start + 1;
            while (end < codePoints.Count && Class(codePoints[end]) != 0)
                end++;
            if (end - start > 1)
            {
                var ordered = codePoints.GetRange(start, end - start).OrderBy(Class).ToArray();   // OrderBy is stable
                for (var i = 0; i < ordered.Length; i++)
                    codePoints[start + i] = ordered[i];
            }
            start = end;
        }
    }

    /// <summary>Joins each starter with the marks behind it that nothing blocks, in place; returns the new length.</summary>
    static int Compose(List<int> codePoints)
    {
        var (length, starter, between) = (0, -1, -1);   // between: the class of the last mark that stayed behind the starter, -1 for none
        for (var i = 0; i < codePoints.Count; i++)
        {
            var codePoint = codePoints[i];
            var own = Class(codePoint);
            if (starter >= 0 && between < own && Composite(codePoints[starter], codePoint) is { } composite)
            {
                codePoints[starter] = composite;
                continue;
            }
            (starter, between) = own == 0 ? (length, -1) : (starter, own);
            codePoints[length++] = codePoint;
        }
        return length;
    }

    static int? Composite(int first, int second)
    {
        var (lead, vowel, syllable, trail) = (first - LeadBase, second - VowelBase, first - HangulBase, second - TrailBase);
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
            return HangulBase + (lead * VowelCount + vowel) * TrailCount;
        if (syllable is >= 0 and < HangulCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount)
            return first + trail;
        return table.Value.Composites.TryGetValue(UnicodeTable.Pair(first, second), out var composite) ? composite : null;
    }

    static int Class(int codePoint) => codePoint >= 0x300 && table.Value.CombiningClasses.TryGetValue(codePoint, out var value) ? value : 0;
}
