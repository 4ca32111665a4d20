using System.Globalization;

namespace AiOs.Agents.Extraction;

/// <summary>A number as it stands in a text.</summary>
/// <param name="Value">Its value, multipliers such as "k" applied.</param>
/// <param name="Next">Index of the token after it.</param>
/// <param name="Unsure">Whether another reading was possible ("1.234", "two").</param>
readonly record struct Numeral(decimal Value, int Next, bool Unsure);

/// <summary>Reads numbers: 1234, 1,234.50, 1.234,50, 1 234,50, 1'234.50, 12k, 1.5 million, two hundred and forty.</summary>
static class Numerals
{
    const int MostDigits = 18;
    const int MostGroups = 8;

    /// <summary>The number that starts at <paramref name="index"/>.</summary>
    /// <param name="scan">The text.</param>
    /// <param name="index">Where it must start.</param>
    /// <param name="dotGroups">Whether "1.234" means 1234 (as in prices) and not 1.234.</param>
    public static Numeral? Read(TextScan scan, int index, bool dotGroups)
    {
        if (!scan.IsDigits(index))
            return NumberWords.Read(scan, index);
        return Written(scan, index, dotGroups) is { } read ? Multiplied(scan, read) : null;
    }

    static Numeral? Written(TextScan scan, int index, bool dotGroups)
    {
        var groups = new List<string> { scan.TextAt(index).Length <= MostDigits ? scan.TextAt(index).ToString() : new string('9', MostDigits + 1) };
        var separators = new List<char>();
        var next = index + 1;
        while (groups.Count <= MostGroups && Separator(scan, next, groups, separators) is var (separator, digits))
        {
            separators.Add(separator);
            groups.Add(scan.TextAt(digits).Length <= MostDigits ? scan.TextAt(digits).ToString() : new string('9', MostDigits + 1));
            next = digits + 1;
        }

        return Value(groups, separators, dotGroups) is var (text, unsure) && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? new Numeral(value, next, unsure)
            : null;
    }

    /// <summary>The separator after a group and the token with the digits behind it.</summary>
    static (char Separator, int Digits)? Separator(TextScan scan, int next, List<string> groups, List<char> separators)
    {
        if (scan.IsDigits(next) && !scan.Touches(next))
        {
            var gap = scan.Text.AsSpan(scan[next - 1].End, scan[next].Start - scan[next - 1].End);
            var grouped = gap is [' ' or '\u00A0' or '\u202F' or '\u2009'] && groups[0].Length <= 3 && scan.TextAt(next).Length == 3
                && separators.TrueForAll(s => s == ' ');
            return grouped ? (' ', next) : null;
        }

        return scan.KindAt(next) == TokenKind.Symbol && scan.Touches(next) && scan.TextAt(next)[0] is '.' or ',' or '\'' or '’'
            && scan.IsDigits(next + 1) && scan.Touches(next + 1)
            ? (scan.TextAt(next)[0], next + 1)
            : null;
    }

    /// <summary>The number in invariant form. A last separator that differs from the others is the decimal one; equal ones group thousands.</summary>
    static (string Text, bool Unsure)? Value(List<string> groups, List<char> separators, bool dotGroups)
    {
        if (groups.Sum(g => g.Length) > MostDigits)
            return null;
        if (separators.Count == 0)
            return (groups[0], false);
        var last = separators[^1];
        var alone = separators.Count == 1;
        var unsure = alone && last is '.' or ',' && groups[1].Length == 3 && groups[0].Length <= 3 && groups[0] is not ("0" or "00" or "000");
        var decimals = last is '.' or ',' && (alone ? !unsure || (last == '.' && !dotGroups) : separators[^2] != last);
        var whole = decimals ? groups[..^1] : groups;
        var between = separators[..(whole.Count - 1)];
        if (between.Exists(s => s != between[0]) || !Grouped(whole))
            return null;
        return (string.Concat(whole) + (decimals ? "." + groups[^1] : ""), unsure);
    }

    /// <summary>1,234,567 and, as in India, 12,34,567.</summary>
    static bool Grouped(List<string> groups)
    {
        if (groups.Count == 1)
            return true;
        var inner = groups[1..^1];
        return groups[^1].Length == 3
            && ((groups[0].Length <= 3 && inner.TrueForAll(g => g.Length == 3)) || (groups[0].Length <= 2 && inner.TrueForAll(g => g.Length == 2)));
    }

    static Numeral? Multiplied(TextScan scan, Numeral number)
    {
        var factor = scan.Word(number.Next) switch
        {
            "k" when scan.Touches(number.Next) => 1_000m,
            "thousand" or "grand" => 1_000m,
            "hundred" => 100m,
            "million" or "mio" or "mn" => 1_000_000m,
            "billion" or "bn" => 1_000_000_000m,
            _ => 1m,
        };
        if (factor == 1m)
            return number;
        return number.Value < 1_000_000_000m ? new Numeral(number.Value * factor, number.Next + 1, false) : null;
    }
}
