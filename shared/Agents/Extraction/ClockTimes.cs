namespace AiOs.Agents.Extraction;

/// <summary>Times of day beside a date: "at 3pm", "around 15:30", "at noon", and those of ISO timestamps.</summary>
static class ClockTimes
{
    /// <summary>The date with the time that follows it ("yesterday at 3pm", "14 March, 15:30") or leads it ("at 3pm yesterday", "15:30 on 14 March").</summary>
    public static ReadDate Around(TextScan scan, ReadDate date)
    {
        var at = date.Next;
        while (at < date.Next + 3 && (scan.IsSymbol(at, ',') || scan.Word(at) is "at" or "around" or "about" or "morning" or "afternoon" or "evening" or "night"))
            at++;
        if (Read(scan, at) is var (time, next))
            return date with { Time = time, Next = next };
        var before = scan.Is(date.First - 1, "on") ? date.First - 2 : date.First - 1;
        for (var start = before; start > before - 5 && start >= 0; start--)
            if (Read(scan, start) is var (earlier, end) && end == before + 1)
                return date with { Time = earlier, First = start };
        return date;
    }

    /// <summary>The <c>T15:30:00.000+01:00</c> of an ISO timestamp whose day was read already.</summary>
    public static ReadDate Iso(TextScan scan, ReadDate date)
    {
        var at = date.Next;
        if (!scan.Is(at, "t") || !scan.Touches(at) || !scan.Touches(at + 1) || Hours(scan, at + 1) is not var (time, next))
            return date;
        if (scan.IsSymbol(next, '.') && scan.Touches(next) && scan.IsDigits(next + 1) && scan.Touches(next + 1))
            next += 2;
        if (scan.Is(next, "z") && scan.Touches(next))
            return date with { Next = next + 1, Instant = new DateTimeOffset(date.Day.ToDateTime(time), TimeSpan.Zero) };
        if ((scan.IsSymbol(next, '+') || scan.IsSymbol(next, '-')) && scan.Touches(next) && Hours(scan, next + 1) is var (shift, end) && shift.Hour < 14)
            return date with { Next = end, Instant = new DateTimeOffset(date.Day.ToDateTime(time), scan.IsSymbol(next, '-') ? -shift.ToTimeSpan() : shift.ToTimeSpan()) };
        return date with { Next = next, Time = time };
    }

    static (TimeOnly Time, int Next)? Read(TextScan scan, int i)
    {
        if (scan.Is(i, "noon") || scan.Is(i, "midday"))
            return (new TimeOnly(12, 0), i + 1);
        if (scan.Is(i, "midnight"))
            return (TimeOnly.MinValue, i + 1);
        if (Hours(scan, i) is var (time, next))
            return Half(scan, next) is var (clock, after) && time.Hour is >= 1 and <= 12 ? (Of(time.Hour, time.Minute, clock), after) : (time, next);
        return scan.Small(i, 2) is >= 1 and <= 12 and var hour && Half(scan, i + 1) is var (half, end) ? (Of(hour, 0, half), end) : null;
    }

    /// <summary>15:30 and 15:30:05.</summary>
    static (TimeOnly Time, int Next)? Hours(TextScan scan, int i)
    {
        if (scan.Small(i, 2) is not (>= 0 and < 24 and var hour) || !scan.IsSymbol(i + 1, ':') || scan.TextAt(i + 2).Length != 2 || scan.Small(i + 2, 2) is not (>= 0 and < 60 and var minute))
            return null;
        return scan.IsSymbol(i + 3, ':') && scan.Touches(i + 4) && scan.Small(i + 4, 2) is >= 0 and < 60 and var second
            ? (new TimeOnly(hour, minute, second), i + 5)
            : (new TimeOnly(hour, minute), i + 3);
    }

    /// <summary>"am", "p.m.".</summary>
    static (char Half, int Next)? Half(TextScan scan, int i)
    {
        if (scan.Word(i) is "am" or "pm")
            return (scan.Word(i)[0], i + 1);
        return scan.Word(i) is "a" or "p" && scan.IsSymbol(i + 1, '.') && scan.Is(i + 2, "m") ? (scan.Word(i)[0], scan.IsSymbol(i + 3, '.') ? i + 4 : i + 3) : null;
    }

    static TimeOnly Of(int hour, int minute, char half) => new((hour % 12) + (half == 'p' ? 12 : 0), minute);
}
