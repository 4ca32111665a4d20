namespace AiOs.DataPlane.Schedules;

/// <summary>
/// An NCRONTAB schedule as Azure Functions writes it: <c>{second} {minute} {hour} {day} {month} {day-of-week}</c>, or five fields without seconds
/// (learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions). Day and day-of-week must both match; 0 is Sunday; a range that counts down and a step of 0 are refused.
/// </summary>
/// <remarks>
/// Where a zone's clock jumps, the schedule does what cron(8) does. A schedule of fixed times (hour and minute are numbers) runs once on every day it names: a time that the
/// jump leaves out runs at the jump, a time that comes twice runs the first time. A schedule of intervals (hour or minute has <c>*</c>, <c>/</c> or a range) follows the clock on the wall.
/// </remarks>
public sealed class Ncrontab
{
    /// <summary>The calendar is searched this far: 29 February on one given weekday is at most 40 years away.</summary>
    const int SearchYears = 50;

    readonly NcrontabField second, minute, hour, day, month, dayOfWeek;
    readonly string text;

    Ncrontab(string text, string[] fields)
    {
        this.text = text;
        var first = fields.Length - 5;
        second = NcrontabField.Parse(first == 1 ? fields[0] : "0", NcrontabFieldKind.Second);
        minute = NcrontabField.Parse(fields[first], NcrontabFieldKind.Minute);
        hour = NcrontabField.Parse(fields[first + 1], NcrontabFieldKind.Hour);
        day = NcrontabField.Parse(fields[first + 2], NcrontabFieldKind.Day);
        month = NcrontabField.Parse(fields[first + 3], NcrontabFieldKind.Month);
        dayOfWeek = NcrontabField.Parse(fields[first + 4], NcrontabFieldKind.DayOfWeek);
    }

    bool FollowsTheWall => hour.Stepped || minute.Stepped;

    /// <summary>Reads an expression of five or six fields.</summary>
    /// <exception cref="FormatException">It is not one; the message names the field and the reason.</exception>
    public static Ncrontab Parse(string expression)
    {
        var fields = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return fields.Length is 5 or 6
            ? new(expression, fields)
            : throw new FormatException($"An NCRONTAB expression has 5 or 6 fields ({{second}} {{minute}} {{hour}} {{day}} {{month}} {{day-of-week}}); this one has {fields.Length}.");
    }

    /// <summary>The first occurrence later than <paramref name="after"/>, with the zone's offset; null where the calendar holds none (30 February).</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone) => FollowsTheWall ? NextOnTheWall(after, zone) : NextFixed(after, zone);

    /// <inheritdoc/>
    public override string ToString() => text;

    DateTimeOffset? NextFixed(DateTimeOffset after, TimeZoneInfo zone)
    {
        var start = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        for (var wall = NextWall(start, start); wall is { } time; wall = NextWall(time, start))
        {
            var offset = zone.IsAmbiguousTime(time) ? zone.GetAmbiguousTimeOffsets(time).Max()
                : zone.IsInvalidTime(time) ? zone.GetUtcOffset(time.AddDays(-1))
                : zone.GetUtcOffset(time);
            var instant = At(time, offset, zone);
            if (zone.IsInvalidTime(time))
                instant = FirstTransition(zone, instant.AddDays(-1), instant) is { } jump ? TimeZoneInfo.ConvertTime(jump, zone) : instant;
            if (instant > after)
                return instant;
        }

        return null;
    }

    DateTimeOffset? NextOnTheWall(DateTimeOffset after, TimeZoneInfo zone)
    {
        var start = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        var (from, offset, wall) = (after, zone.GetUtcOffset(after), start);
        while (NextWall(wall, start) is { } time)
        {
            var instant = At(time, offset, zone);
            if (FirstTransition(zone, from, instant) is not { } jump)
                return instant;
            // The clock changes first: look again from the change on, the change itself included.
            (from, offset) = (jump, zone.GetUtcOffset(jump));
            wall = jump.UtcDateTime + offset - TimeSpan.FromSeconds(1);
        }

        return null;
    }

    static DateTimeOffset At(DateTime wall, TimeSpan offset, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(new DateTimeOffset(wall, offset), zone);

    /// <summary>The first instant in (from, to] at which the zone's offset is another than just before; zones change at most once a day.</summary>
    static DateTimeOffset? FirstTransition(TimeZoneInfo zone, DateTimeOffset from, DateTimeOffset to)
    {
        for (var low = from; low < to;)
        {
            var high = low.AddDays(1) < to ? low.AddDays(1) : to;
            var before = zone.GetUtcOffset(low);
            if (zone.GetUtcOffset(high) == before)
            {
                low = high;
                continue;
            }

            while (high - low > TimeSpan.FromTicks(1))
            {
                var middle = low + (high - low) / 2;
                (low, high) = zone.GetUtcOffset(middle) == before ? (middle, high) : (low, middle);
            }

            return high;
        }

        return null;
    }

    /// <summary>The next matching wall-clock time later than <paramref name="wall"/>, whole seconds, no zone.</summary>
    DateTime? NextWall(DateTime wall, DateTime start)
    {
        if (wall.Date == DateTime.MaxValue.Date)
            return null;
        var from = new DateTime(wall.Ticks - wall.Ticks % TimeSpan.TicksPerSecond, DateTimeKind.Unspecified).AddSeconds(1);
        if (Matches(from.Date) && TimeFrom(from.TimeOfDay) is { } later)
            return from.Date + later;

        var first = TimeFrom(TimeSpan.Zero)!.Value;
        var lastYear = Math.Min(start.Year + SearchYears, 9998);
        for (var date = from.Date.AddDays(1); date.Year <= lastYear;)
        {
            if (!month.Has(date.Month))
                date = new DateTime(date.Year, date.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1);
            else if (!Matches(date))
                date = date.AddDays(1);
            else
                return date + first;
        }

        return null;
    }

    bool Matches(DateTime date) => month.Has(date.Month) && day.Has(date.Day) && dayOfWeek.Has((int)date.DayOfWeek);

    /// <summary>The first matching time of day that is at least <paramref name="time"/>.</summary>
    TimeSpan? TimeFrom(TimeSpan time)
    {
        var h = hour.AtLeast(time.Hours);
        if (h == time.Hours)
        {
            var m = minute.AtLeast(time.Minutes);
            if (m == time.Minutes && second.AtLeast(time.Seconds) is >= 0 and var s)
                return new(h, m, s);
            if (m == time.Minutes)
                m = minute.AtLeast(m + 1);
            if (m >= 0)
                return new(h, m, second.AtLeast(0));
            h = hour.AtLeast(h + 1);
        }

        return h < 0 ? null : new(h, minute.AtLeast(0), second.AtLeast(0));
    }
}
