using System.Globalization;
using System.Text;

namespace AiOs.Security.Detectors;

/// <summary>A text as detectors read it: invisible characters gone, full-width and mathematical letters and every script's digits as ASCII, all
/// dashes one dash, all spaces one space, so that no spelling hides a number. It knows where each character came from.
/// (By hand, because <see cref="string.Normalize()"/> does nothing under invariant globalization. Compatibility mappings: Unicode Standard, annex 15.)</summary>
sealed class Projection
{
    readonly string original;
    readonly int[]? starts;   // null: every character stands where it stood

    Projection(string original, string text, int[]? starts)
    {
        this.original = original;
        Text = text;
        this.starts = starts;
    }

    public string Text { get; }

    /// <summary>The place in the original of the characters <paramref name="start"/> to <paramref name="end"/> (exclusive) of <see cref="Text"/>.</summary>
    public (int Start, int End) Locate(int start, int end)
    {
        if (starts is null) return (start, end);
        var last = starts[end - 1];
        return (starts[start], last + (char.IsHighSurrogate(original[last]) && last + 1 < original.Length && char.IsLowSurrogate(original[last + 1]) ? 2 : 1));
    }

    public static Projection Of(string original)
    {
        if (Ascii.IsValid(original)) return new Projection(original, original, starts: null);
        var text = new StringBuilder(original.Length);
        var from = new List<int>(original.Length);
        for (var i = 0; i < original.Length;)
        {
            Rune.DecodeFromUtf16(original.AsSpan(i), out var rune, out var length);
            if (!IsInvisible(rune))
            {
                var mapped = Map(rune);
                for (var c = 0; c < mapped.Utf16SequenceLength; c++) from.Add(i);
                text.Append(mapped.ToString());
            }
            i += length;
        }
        return new Projection(original, text.ToString(), [.. from]);
    }

    static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format   // zero-width spaces and joiners, soft hyphen, direction marks, tags
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    static Rune Map(Rune rune)
    {
        var value = rune.Value;
        if (value < 0x80) return rune;
        var digit = CharUnicodeInfo.GetDigitValue(rune.ToString(), 0);   // decimal digits of all scripts, superscripts, circled digits
        if (digit >= 0) return new Rune((char)('0' + digit));
        return value switch
        {
            >= 0xFF01 and <= 0xFF5E => new Rune(value - 0xFEE0),                                // full-width ASCII
            >= 0x1D400 and <= 0x1D6A3 => Letter((value - 0x1D400) % 52),                         // mathematical alphabets
            >= 0x24B6 and <= 0x24CF => new Rune('A' + value - 0x24B6),                          // circled letters
            >= 0x24D0 and <= 0x24E9 => new Rune('a' + value - 0x24D0),
            >= 0x1F130 and <= 0x1F149 => new Rune('A' + value - 0x1F130),                       // squared letters
            0xFE6B => new Rune('@'),
            0x2024 or 0xFE52 or 0x3002 or 0xFF61 => new Rune('.'),
            0x2212 or 0xFE63 or 0x2043 or 0x30FC => new Rune('-'),
            0x2044 or 0x2215 => new Rune('/'),
            _ => Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.SpaceSeparator => new Rune(' '),
                UnicodeCategory.DashPunctuation => new Rune('-'),
                _ => rune,
            },
        };
    }

    static Rune Letter(int index) => new(index < 26 ? 'A' + index : 'a' + index - 26);
}
