using System.Globalization;

namespace AiOs.Policies.Cel;

/// <summary>Timestamps and spans: reading, writing and taking apart, always in UTC (time-zone tables differ between machines, and replays must not).</summary>
static class CelTime
{
    public static readonly string[] Parts =
        ["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds"];

    public static bool OfDuration(string part) => part is "getHours" or "getMinutes" or "getSeconds" or "getMilliseconds";

    public static long Part(string part, DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        return part switch
        {
            "getFullYear" => utc.Year,
            "getMonth" => utc.Month - 1,
            "getDate" => utc.Day,
            "getDayOfMonth" => utc.Day - 1,
            "getDayOfWeek" => (long)utc.DayOfWeek,
            "getDayOfYear" => utc.DayOfYear - 1,
            "getHours" => utc.Hour,
            "getMinutes" => utc.Minute,
            "getSeconds" => utc.Second,
            _ => utc.Millisecond,
        };
    }

    /// <summary>As CEL has it for spans: hours, minutes and seconds are the whole span in that unit.</summary>
    public static long? Part(string part, TimeSpan span) => part switch
    {
        "getHours" => span.Ticks / TimeSpan.TicksPerHour,
        "getMinutes" => span.Ticks / TimeSpan.TicksPerMinute,
        "getSeconds" => span.Ticks / TimeSpan.TicksPerSecond,
        "getMilliseconds" => span.Milliseconds,
        _ => null,
    };

    static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>An RFC 3339 instant with its offset; a date alone is its midnight in UTC.</summary>
    public static DateTimeOffset? Timestamp(string text)
    {
        if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var midnight))
            return midnight;
        var zoned = text.Length > 10 && (text[^1] is 'Z' or 'z' || text.AsSpan(10).IndexOfAny('+', '-') > 0);
        return zoned && DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
    }

    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Seconds with the fraction that is needed: <c>5400s</c>, <c>1.5s</c>.</summary>
    public static string Text(TimeSpan span) => (span.Ticks / (decimal)TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) + "s";

    /// <summary>A sequence of numbers with units, as in <c>4h</c>, <c>1h30m</c>, <c>1500ms</c>, <c>-1.5s</c>; also <c>d</c> for 24 hours. Null when it is none or too long.</summary>
    public static TimeSpan? Duration(string text)
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
