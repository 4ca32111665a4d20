using System.Buffers.Text;
using System.Text;

namespace AiOs.Security.Detectors;

/// <summary>Whole numbers in JSON that are long enough to be somebody's, a card's or an account's: <c>4111111111111111</c> is also <c>-4111111111111111</c>, <c>4111111111111111.0</c> and <c>4.111111111111111e15</c>.</summary>
static class WholeNumber
{
    const int Shortest = 12, Longest = 19, LongestWritten = 400;

    /// <summary>The digits of a JSON number, without sign, point and exponent; null where it is not whole, or has fewer than 12 digits or more than 19.</summary>
    /// <param name="json">As it is written.</param>
    public static string? Digits(ReadOnlySpan<byte> json)
    {
        var number = json.Length > 0 && json[0] == '-' ? json[1..] : json;
        var e = number.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = e < 0 ? number : number[..e];
        var point = mantissa.IndexOf((byte)'.');
        if ((e < 0 && (point < 0 ? mantissa.Length : point) is < Shortest or > Longest) || mantissa.Length > LongestWritten)
            return null;
        var exponent = 0;
        if (e >= 0)
        {
            var written = number[(e + 1)..];
            if (!Utf8Parser.TryParse(written.StartsWith("+"u8) ? written[1..] : written, out exponent, out var used) || used == 0 || Math.Abs((long)exponent) > 2 * LongestWritten)
                return null;
        }
        var whole = point < 0 ? mantissa.Length : point;
        Span<byte> all = stackalloc byte[mantissa.Length];
        mantissa[..whole].CopyTo(all);
        if (point >= 0)
            mantissa[(point + 1)..].CopyTo(all[point..]);
        var digits = (ReadOnlySpan<byte>)(point < 0 ? all : all[..^1]);
        var scale = whole + exponent;   // how many of the digits stand before the point
        var significant = digits.TrimStart((byte)'0');
        scale -= digits.Length - significant.Length;
        significant = significant.TrimEnd((byte)'0');
        return scale is < Shortest or > Longest || significant.Length == 0 || significant.Length > scale ? null : Encoding.ASCII.GetString(significant).PadRight(scale, '0');
    }
}
