using System.Collections.Frozen;

namespace AiOs.Agents.Extraction;

/// <summary>Dates that count from the message: yesterday, last Monday, 3 days ago, in two weeks, Monday last week, half an hour ago.</summary>
sealed class RelativeDates(DateTimeOffset here)
{
    const int MostBack = 40_000;

    static readonly FrozenDictionary<string, DayOfWeek> Weekdays = Enum.GetValues<DayOfWeek>()
        .ToFrozenDictionary(d => d.ToString().ToLowerInvariant(), d => d, StringComparer.Ordinal);

    static readonly FrozenDictionary<string, DayOfWeek> ShortWeekdays = new Dictionary<string, DayOfWeek>(StringComparer.Ordinal)
    {
        ["mon"] = DayOfWeek.Monday, ["tue"] = DayOfWeek.Tuesday, ["tues"] = DayOfWeek.Tuesday, ["wed"] = DayOfWeek.Wednesday, ["thu"] = DayOfWeek.Thursday, ["thur"] = DayOfWeek.Thursday,
        ["thurs"] = DayOfWeek.Thursday, ["fri"] = DayOfWeek.Friday, ["sat"] = DayOfWeek.Saturday, ["sun"] = DayOfWeek.Sunday,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    readonly DateOnly today = DateOnly.FromDateTime(here.DateTime);

    public ReadDate? Read(TextScan scan, int i) => scan.KindAt(i) switch
    {
        TokenKind.Digits => Ago(scan, i, i),
        TokenKind.Word => Named(scan, i) ?? Weekday(scan, i) ?? Ahead(scan, i) ?? Ago(scan, i, i),
        _ => null,
    };

    ReadDate? Named(TextScan scan, int i) => (scan.Word(i), scan.Word(i + 1), scan.Word(i + 2)) switch
    {
        ("today" or "tonight", _, _) => Day(0, i, i + 1, 0.9),
        ("yesterday", _, _) => Day(-1, i, i + 1, 0.95),
        ("tomorrow", _, _) => Day(1, i, i + 1, 0.9),
        ("day", "before", "yesterday") => Day(-2, i, i + 3, 0.95),
        ("day", "after", "tomorrow") => Day(2, i, i + 3, 0.95),
        ("last", "night" or "evening", _) => Day(-1, i, i + 2, 0.9),
        ("this", "morning" or "afternoon" or "evening", _) => Day(0, i, i + 2, 0.9),
        ("earlier", "today", _) => Day(0, i, i + 2, 0.9),
        ("last", "week", _) => Day(-7, i, i + 2, 0.5),
        ("next", "week", _) => Day(7, i, i + 2, 0.4),
        _ => null,
    };

    /// <summary>"last Monday" is the one before today, "this Friday" the one of this week (Monday first), "next Friday" the first after today.</summary>
    ReadDate? Weekday(TextScan scan, int i)
    {
        var direction = scan.Word(i);
        var led = direction is "last" or "past" or "previous" or "next" or "coming" or "this" or "on";
        var at = led ? i + 1 : i;
        if (!Weekdays.TryGetValue(scan.Word(at), out var weekday) && !(led && ShortWeekdays.TryGetValue(scan.Word(at), out weekday)))
            return null;
        var back = ((int)today.DayOfWeek - (int)weekday + 6) % 7 + 1;
        if (scan.Is(at + 1, "last") && scan.Is(at + 2, "week"))
            return Day(FromMonday(weekday) - 7, i, at + 3, 0.9);
        return direction switch
        {
            "next" or "coming" => Day(back == 7 ? 7 : 7 - back, i, at + 1, 0.8),
            "this" => Day(FromMonday(weekday), i, at + 1, 0.75),
            "last" or "past" or "previous" => Day(-back, i, at + 1, 0.92),
            _ => Day(-back, at, at + 1, 0.75),
        };
    }

    int FromMonday(DayOfWeek weekday) => (((int)weekday + 6) % 7) - (((int)today.DayOfWeek + 6) % 7);

    /// <summary>"in 3 days", "in a week".</summary>
    ReadDate? Ahead(TextScan scan, int i)
    {
        if (!scan.Is(i, "in") || Span(scan, i + 1) is not { } span || scan.Is(span.Next, "ago"))
            return null;
        return Shifted(span.Unit, span.Count, i, span.Next, 0.8);
    }

    /// <summary>"3 days ago", "a week ago", "two hours back".</summary>
    ReadDate? Ago(TextScan scan, int first, int i)
    {
        if (Span(scan, i) is not { } span || scan.Word(span.Next) is not ("ago" or "back" or "before"))
            return null;
        return scan.Is(span.Next, "before") ? null : Shifted(span.Unit, -span.Count, first, span.Next + 1, span.Vague ? 0.5 : 0.92);
    }

    static (int Count, string Unit, int Next, bool Vague)? Span(TextScan scan, int i)
    {
        var at = scan.Is(i, "about") || scan.Is(i, "around") ? i + 1 : i;
        if (scan.Is(at, "half") && scan.Is(at + 1, "an") && scan.Is(at + 2, "hour"))
            return (30, "minute", at + 3, false);
        var (count, next, vague) = Count(scan, at);
        var unit = scan.Word(next).TrimEnd('s') switch
        {
            "minute" or "min" => "minute",
            "hour" or "hr" => "hour",
            "day" => "day",
            "week" => "week",
            "fortnight" => "fortnight",
            "month" => "month",
            "year" => "year",
            _ => null,
        };
        return count > 0 && unit is not null ? (count, unit, next + 1, vague) : null;
    }

    static (int Count, int Next, bool Vague) Count(TextScan scan, int i)
    {
        if (scan.Is(i, "a") && scan.Is(i + 1, "couple"))
            return (2, scan.Is(i + 2, "of") ? i + 3 : i + 2, true);
        if (scan.Is(i, "a") && scan.Is(i + 1, "few"))
            return (3, i + 2, true);
        if (scan.Is(i, "couple"))
            return (2, scan.Is(i + 1, "of") ? i + 2 : i + 1, true);
        if (scan.Is(i, "few") || scan.Is(i, "several"))
            return (3, i + 1, true);
        if (scan.Is(i, "a") || scan.Is(i, "an"))
            return (1, i + 1, false);
        if (scan.IsDigits(i))
            return (scan.Small(i, 5), i + 1, false);
        return NumberWords.Read(scan, i) is { Value: > 0 and <= MostBack } number ? ((int)number.Value, number.Next, false) : (0, i, false);
    }

    ReadDate? Shifted(string unit, int count, int first, int next, double confidence)
    {
        if (Math.Abs(count) > MostBack || (unit == "year" && Math.Abs(count) > 120) || (unit is "month" or "fortnight" or "week" && Math.Abs(count) > 1_500))
            return null;
        return unit switch
        {
            "minute" => new ReadDate(today, first, next, confidence, Instant: here.AddMinutes(count)),
            "hour" => new ReadDate(today, first, next, confidence, Instant: here.AddHours(count)),
            "day" => Day(count, first, next, confidence),
            "week" => Day(7 * count, first, next, confidence),
            "fortnight" => Day(14 * count, first, next, confidence),
            "month" => new ReadDate(today.AddMonths(count), first, next, confidence - 0.15),
            _ => new ReadDate(today.AddYears(count), first, next, confidence - 0.25),
        };
    }

    ReadDate Day(int shift, int first, int next, double confidence) => new(today.AddDays(shift), first, next, confidence);
}
