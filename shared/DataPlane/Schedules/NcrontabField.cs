using System.Globalization;
using System.Numerics;

namespace AiOs.DataPlane.Schedules;

/// <summary>One field of an NCRONTAB expression as a set of numbers, one bit each.</summary>
readonly record struct NcrontabField(ulong Bits, bool Stepped)
{
    public bool Has(int value) => (Bits >> value & 1) == 1;

    /// <summary>The smallest member that is at least <paramref name="value"/>, or -1.</summary>
    public int AtLeast(int value)
    {
        var rest = value > 63 ? 0 : Bits & (ulong.MaxValue << value);
        return rest == 0 ? -1 : BitOperations.TrailingZeroCount(rest);
    }

    /// <summary>Reads <c>*</c>, <c>5</c>, <c>1-5</c>, <c>*/10</c>, <c>5/15</c>, <c>1-30/2</c>, names where the field has them, and comma lists of these.</summary>
    public static NcrontabField Parse(string text, NcrontabFieldKind kind)
    {
        var bits = 0UL;
        foreach (var part in text.Split(','))
            bits |= ParsePart(part, kind);
        return new(bits, text.AsSpan().ContainsAny('*', '/', '-'));
    }

    static ulong ParsePart(string part, NcrontabFieldKind kind)
    {
        var (body, step) = (part, 1);
        var slash = part.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            body = part[..slash];
            step = Number(part[(slash + 1)..], kind);
            if (step < 1)
                throw kind.Error($"the step of '{part}' must be 1 or more");
        }

        var dash = body.IndexOf('-', StringComparison.Ordinal);
        var (first, last) = body == "*" ? (kind.Min, kind.Max)
            : dash >= 0 ? (Value(body[..dash], kind), Value(body[(dash + 1)..], kind))
            : slash >= 0 ? (Value(body, kind), kind.Max)
            : (Value(body, kind), Value(body, kind));
        if (first > last)
            throw kind.Error($"the range '{body}' counts down; write it as two ranges");

        var bits = 0UL;
        for (var value = first; value <= last; value += step)
            bits |= 1UL << value;
        return bits;
    }

    static int Value(string text, NcrontabFieldKind kind)
    {
        var value = text.Length > 0 && !char.IsAsciiDigit(text[0]) ? Named(text, kind) : Number(text, kind);
        return value >= kind.Min && value <= kind.Max ? value : throw kind.Error(string.Create(CultureInfo.InvariantCulture, $"{value} is outside {kind.Min} to {kind.Max}"));
    }

    static int Number(string text, NcrontabFieldKind kind) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 9999
            ? number
            : throw kind.Error($"'{text}' is not a number");

    static int Named(string text, NcrontabFieldKind kind)
    {
        for (var i = 0; text.Length >= 3 && i < kind.Names.Count; i++)
            if (kind.Names[i].StartsWith(text, StringComparison.OrdinalIgnoreCase))
                return i + kind.Min;
        throw kind.Error($"'{text}' is not a value that it knows");
    }
}

/// <summary>What a field may hold: its name in messages, its bounds, and the names of its values.</summary>
sealed record NcrontabFieldKind(string Name, int Min, int Max, params IReadOnlyList<string> Names)
{
    public static readonly NcrontabFieldKind Second = new("second", 0, 59), Minute = new("minute", 0, 59), Hour = new("hour", 0, 23), Day = new("day", 1, 31),
        Month = new("month", 1, 12, "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
        DayOfWeek = new("day of week", 0, 6, "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday");

    public FormatException Error(string what) => new($"In the {Name} field {what}.");
}
