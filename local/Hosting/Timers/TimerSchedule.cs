using System.Globalization;
using AiOs.DataPlane.Schedules;

namespace AiOs.Local.Hosting.Timers;

/// <summary>An NCRONTAB expression, or a time span between runs.</summary>
sealed class TimerSchedule
{
    readonly Ncrontab? crontab;
    readonly TimeSpan interval;
    readonly TimeZoneInfo zone;

    /// <exception cref="FormatException">The text is neither.</exception>
    public TimerSchedule(string text, TimeZoneInfo zone)
    {
        this.zone = zone;
        if (text.Contains(' ', StringComparison.Ordinal))
            crontab = Ncrontab.Parse(text);
        else if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out interval) || interval <= TimeSpan.Zero)
            throw new FormatException($"The schedule '{text}' is neither an NCRONTAB expression nor a time span.");
    }

    /// <summary>The first occurrence later than <paramref name="after"/>; null for none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => crontab is null ? after + interval : crontab.Next(after, zone);
}
