using System.Globalization;
using AiOs.DataPlane;

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

    /// <inheritdoc cref="Durations.Read"/>
    public static TimeSpan? Duration(string text) => Durations.Read(text);
}
