using System.Globalization;
using System.Text.Json;

namespace AiOs.Agents.Extraction;

/// <summary>A day (with or without a time of day) as it was read; <paramref name="Instant"/> is set where the text gives the instant itself ("2 hours ago", an ISO timestamp with offset).</summary>
readonly record struct ReadDate(DateOnly Day, int First, int Next, double Confidence, TimeOnly? Time = null, DateTimeOffset? Instant = null);

/// <summary>Finds dates, absolute and relative, as a person means them who writes at <paramref name="now"/> in <paramref name="zone"/>.
/// Numbers with slashes or dots are day first unless that is no date. A date without a year is the latest such day of the last nine months,
/// else the next one to come; a bare weekday is the last one before today.</summary>
sealed class DateReader(DateTimeOffset now, TimeZoneInfo zone)
{
    readonly DateTimeOffset here = TimeZoneInfo.ConvertTime(now, zone);

    /// <summary>All dates in reading order.</summary>
    public List<Candidate> Read(TextScan scan)
    {
        var calendar = new CalendarDates(DateOnly.FromDateTime(here.DateTime));
        var relative = new RelativeDates(here);
        List<Candidate> found = [];
        for (var i = 0; i < scan.Count && found.Count < Candidate.Limit;)
        {
            if ((calendar.Read(scan, i) ?? relative.Read(scan, i)) is not { } date)
            {
                i++;
                continue;
            }

            var whole = date.Instant is null && date.Time is null ? ClockTimes.Around(scan, date) : date;
            var after = found.Count > 0 && whole.First <= found[^1].Last ? whole with { First = date.First } : whole;
            found.Add(new Candidate(JsonSerializer.SerializeToElement(Stamp(after)), after.First, after.Next - 1, after.Confidence));
            i = after.Next;
        }

        return found;
    }

    string Stamp(ReadDate date)
    {
        if (date.Instant is { } instant)
            return instant.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
        var local = date.Day.ToDateTime(date.Time ?? TimeOnly.MinValue);
        if (zone.IsInvalidTime(local))
            local = local.AddHours(1);   // the clock jumped over it
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    }
}
