using System.Buffers.Text;
using System.Text;

namespace AiOs.Security.Detectors;

/// <summary>Whole numbers in JSON that are long enough to be somebody's, a card's or an account's: <c>4111111111111111</c> is also <c>-4111111111111111</c>, <c>4111111111111111.0</c> and <c>4.111111111111111e15</c>.</summary>
static class WholeNumber
{
    const int Shortest = 12, Longest = 19;

    /// <summary>The digits of a JSON number, without sign, point and exponent; null where it is not whole, or has fewer than 12 digits or more than 19.</summary>
    /// <param name="json">As it is written, however long.</param>
    public static string? Digits(ReadOnlySpan<byte> json)
    {
        var number = json.Length > 0 && json[0] == '-' ? json[1..] : json;
        var e = number.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = e < 0 ? number : number[..e];
        var point = mantissa.IndexOf((byte)'.');
        var whole = point < 0 ? mantissa.Length : point;
        var exponent = 0;
        if (e < 0 ? whole is < Shortest or > Longest : !IsExponent(number[(e + 1)..], out exponent))
            return null;
        Span<byte> digits = stackalloc byte[Longest];
        var (count, significant, leading) = (0, 0, 0);   // digits behind the first that is no zero, those up to the last that is none, zeros before
        foreach (var digit in mantissa)
        {
            if (digit == '.')
                continue;
            if (digit == '0' && count == 0)
                leading++;
            else if (digit != '0' && count >= Longest)
                return null;
            else
            {
                if (count < Longest)
                    digits[count] = digit;
                count++;
                significant = digit == '0' ? significant : count;
            }
        }
        var length = (long)whole - leading + exponent;   // how many digits stand before the point
        return length is < Shortest or > Longest || significant == 0 || significant > length ? null : Encoding.ASCII.GetString(digits[..significant]).PadRight((int)length, '0');
    }

    static bool IsExponent(ReadOnlySpan<byte> written, out int exponent) => Utf8Parser.TryParse(written.StartsWith("+"u8) ? written[1..] : written, out exponent, out var used) && used > 0;
}
