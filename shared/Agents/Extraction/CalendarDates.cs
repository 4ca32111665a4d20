using System.Collections.Frozen;

namespace AiOs.Agents.Extraction;

/// <summary>Dates of the calendar: 2026-03-14, 14/03/2026, 14.03.26, 14 March 2026, March 14th, March 2026, the 14th.</summary>
sealed class CalendarDates(DateOnly today)
{
    static readonly string[] MonthNames = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    static readonly FrozenDictionary<string, int> Months = MonthNames.SelectMany((name, i) => new[] { (name, i), (name[..3], i) }.Distinct()).Append(("sept", 8))
        .ToFrozenDictionary(p => p.Item1, p => p.Item2 + 1, StringComparer.Ordinal);

    static readonly string[] Introductions = ["on", "since", "from", "until", "by", "dated", "date", "of", "before", "after"];

    static readonly string[] Followers = ["and", "at", "of", "in", "but", "when", "around", "about", "i", "we", "my", "it", "not", "instead", "please", "this", "last", "because", "as"];

    public ReadDate? Read(TextScan scan, int i) => scan.KindAt(i) switch
    {
        TokenKind.Digits when scan.Touches(i) && scan.KindAt(i - 1) is TokenKind.Word || Inside(scan, i) => null,
        TokenKind.Digits => YearFirst(scan, i) ?? Numeric(scan, i) ?? DayMonth(scan, i) ?? Ordinal(scan, i),
        TokenKind.Word => MonthDay(scan, i),
        _ => null,
    };

    /// <summary>"AB-12/03/2026" and the tail of "1.14.03.2026" are no dates.</summary>
    static bool Inside(TextScan scan, int i) =>
        scan.Touches(i) && scan.Touches(i - 1) && scan.KindAt(i - 1) == TokenKind.Symbol && scan.TextAt(i - 1)[0] is '-' or '/' or '.' or ',' && scan.KindAt(i - 2) is TokenKind.Word or TokenKind.Digits;

    /// <summary>2026-03-14, also with slashes or dots, also with a time: 2026-03-14T15:30:00Z.</summary>
    static ReadDate? YearFirst(TextScan scan, int i)
    {
        if (scan.TextAt(i).Length != 4 || Separator(scan, i + 1) is not { } separator || !scan.IsSymbol(i + 3, separator) || !scan.Touches(i + 3) || !scan.Touches(i + 4)
            || Day(scan.Small(i, 4), scan.Small(i + 2, 2), scan.Small(i + 4, 2)) is not { } day || Continues(scan, i + 5))
            return null;
        return ClockTimes.Iso(scan, new ReadDate(day, i, i + 5, 0.98));
    }

    ReadDate? Numeric(TextScan scan, int i)
    {
        if (Separator(scan, i + 1) is not { } separator || scan.Small(i, 2) is not (>= 1 and var first) || scan.Small(i + 2, 2) is not (>= 1 and var second))
            return null;
        if (!scan.IsSymbol(i + 3, separator) || !scan.Touches(i + 3) || !scan.IsDigits(i + 4) || !scan.Touches(i + 4))
            return separator == '/' && !Continues(scan, i + 3) && Introduced(scan, i) && Nearest(second, first) is { } near ? new ReadDate(near, i, i + 3, 0.6) : null;
        if (Continues(scan, i + 5))
            return null;
        var length = scan.TextAt(i + 4).Length;
        var year = scan.Small(i + 4, 4) is var y && length == 2 ? 2000 + y : length == 4 ? y : -1;
        var dayFirst = Day(year, second, first);
        return (dayFirst ?? Day(year, first, second)) is { } day ? new ReadDate(day, i, i + 5, dayFirst is null ? 0.85 : first <= 12 && second != first ? 0.9 : 0.97) : null;
    }

    /// <summary>14 March 2026, 14th of March, 14 Mar.</summary>
    ReadDate? DayMonth(TextScan scan, int i)
    {
        var next = Suffix(scan, i, out var number);
        if (scan.Is(next, "of"))
            next++;
        return number > 0 && Months.TryGetValue(scan.Word(next), out var month) ? Dated(scan, i, month, number, next + 1) : null;
    }

    /// <summary>March 14, March 14th, 2026, March 2026.</summary>
    ReadDate? MonthDay(TextScan scan, int i)
    {
        if (!Months.TryGetValue(scan.Word(i), out var month))
            return null;
        var at = scan.IsSymbol(i + 1, '.') ? i + 2 : i + 1;
        if (scan.Is(at, "the"))
            at++;
        if (scan.Small(at, 4) is >= 1900 and < 2200 and var year)
            return new ReadDate(new DateOnly(year, month, 1), i, at + 1, 0.5);
        var next = Suffix(scan, at, out var number);
        return number > 0 && !(scan.IsSymbol(next, '.') && scan.IsDigits(next + 1) && scan.Touches(next + 1)) ? Dated(scan, i, month, number, next) : null;
    }

    /// <summary>"the 14th", "no, the 14th": the latest one that is not after today.</summary>
    ReadDate? Ordinal(TextScan scan, int i)
    {
        var next = Suffix(scan, i, out var number);
        if (next == i + 1 || number < 1 || !scan.Is(i - 1, "the") || (scan.IsWord(next) && !Followers.Contains(scan.Word(next), StringComparer.Ordinal)))
            return null;
        for (var back = 0; back < 3; back++)
        {
            var month = today.AddMonths(-back);
            if (Day(month.Year, month.Month, number) is { } day && day <= today)
                return new ReadDate(day, i, next, 0.6);
        }

        return null;
    }

    ReadDate? Dated(TextScan scan, int first, int month, int number, int next)
    {
        var at = next;
        if (scan.IsSymbol(at, '.') && scan.Touches(at) && scan.IsDigits(at + 1))
            at++;
        if (scan.IsSymbol(at, ','))
            at++;
        if (scan.Small(at, 4) is >= 1900 and < 2200 and var year && scan.TextAt(at).Length == 4)
            return Day(year, month, number) is { } day ? new ReadDate(day, first, at + 1, 0.97) : null;
        return Nearest(month, number) is { } near ? new ReadDate(near, first, next, 0.85) : null;
    }

    /// <summary>The latest such day of the last nine months, else the next one.</summary>
    DateOnly? Nearest(int month, int number)
    {
        for (var year = today.Year; year > today.Year - 8; year--)   // 29 February may be years away
        {
            if (Day(year, month, number) is not { } day || day > today)
                continue;
            if (day > today.AddMonths(-9))
                return day;
            break;
        }

        for (var year = today.Year; year < today.Year + 9; year++)
            if (Day(year, month, number) is { } day && day > today)
                return day;
        return null;
    }

    /// <summary>The day of the month at <paramref name="i"/> and the token after it and its "st", "nd", "rd" or "th".</summary>
    static int Suffix(TextScan scan, int i, out int number)
    {
        number = scan.Small(i, 2) is >= 1 and <= 31 and var read ? read : 0;
        return scan.Touches(i + 1) && scan.Word(i + 1) is "st" or "nd" or "rd" or "th" ? i + 2 : i + 1;
    }

    static char? Separator(TextScan scan, int i) =>
        scan.KindAt(i) == TokenKind.Symbol && scan.Touches(i) && scan.Touches(i + 1) && scan.IsDigits(i + 1) && scan.TextAt(i)[0] is '-' or '/' or '.' ? scan.TextAt(i)[0] : null;

    static bool Continues(TextScan scan, int i) => scan.KindAt(i) == TokenKind.Symbol && scan.Touches(i) && scan.TextAt(i)[0] is '/' or '-' or '.' && scan.Touches(i + 1) && scan.IsDigits(i + 1);

    static bool Introduced(TextScan scan, int i) => Introductions.Contains(scan.Word(i - 1), StringComparer.Ordinal);

    static DateOnly? Day(int year, int month, int day) =>
        year is >= 1900 and < 2200 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;
}
