using System.Globalization;

namespace AiOs.DataPlane;

/// <summary>Spans of time as people write them.</summary>
static class Durations
{
    /// <summary>A sequence of numbers with units, as in <c>4h</c>, <c>1h30m</c>, <c>1500ms</c>, <c>-1.5s</c>; also <c>d</c> for 24 hours. Null when it is none or too long.</summary>
    public static TimeSpan? Read(string text)
    {
        var negative = text.StartsWith('-');
        var at = negative || text.StartsWith('+') ? 1 : 0;
        if (text.Length > 64 || at == text.Length)
            return null;
        if (text[at..] == "0")
            return TimeSpan.Zero;
        var ticks = 0m;
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
                at++;
            if (!decimal.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1e15m)
                return null;
            start = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
                at++;
            var unit = text[start..at] switch
            {
                "d" => TimeSpan.TicksPerDay,
                "h" => TimeSpan.TicksPerHour,
                "m" => TimeSpan.TicksPerMinute,
                "s" => TimeSpan.TicksPerSecond,
                "ms" => TimeSpan.TicksPerMillisecond,
                _ => 0L,
            };
            ticks += number * unit;
            if (unit == 0 || ticks > long.MaxValue)
                return null;
        }
        return new TimeSpan(negative ? -(long)ticks : (long)ticks);
    }
}
