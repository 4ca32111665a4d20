using System.Globalization;
using AiOs.DataPlane.Schedules;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Tests.Schedules;

public sealed class NcrontabTests
{
    static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    static string? Next(string expression, string after, TimeZoneInfo? zone = null) =>
        Ncrontab.Parse(expression).Next(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture), zone ?? TimeZoneInfo.Utc)?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("0 */5 * * * *", "2026-03-01T10:04:59Z", "2026-03-01T10:05:00+00:00")]
    [InlineData("*/5 * * * *", "2026-03-01T10:05:00.5Z", "2026-03-01T10:10:00+00:00")]
    [InlineData("0 30 9 * * Mon-Fri", "2026-02-27T09:30:00Z", "2026-03-02T09:30:00+00:00")]
    [InlineData("0 0 0 1 jan,July *", "2026-03-01T00:00:00Z", "2026-07-01T00:00:00+00:00")]
    [InlineData("5/20 * * * * *", "2026-03-01T10:00:46Z", "2026-03-01T10:01:05+00:00")]
    [InlineData("0 0 12 13 * 5", "2026-03-14T00:00:00Z", "2026-11-13T12:00:00+00:00")]
    [InlineData("0 0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00+00:00")]
    [InlineData("0 0 0 29 2 1", "2072-02-29T00:00:00Z", "2112-02-29T00:00:00+00:00")]
    [InlineData("59 59 23 31 12 *", "2025-12-31T23:59:59Z", "2026-12-31T23:59:59+00:00")]
    [InlineData("0 0 0 30 2 *", "2026-03-01T00:00:00Z", null)]
    public void The_next_occurrence_is_the_first_later_one(string expression, string after, string? expected) => Assert.Equal(expected, Next(expression, after));

    [Theory] // Berlin: 2026-03-29 02:00 -> 03:00 at 01:00Z, 2026-10-25 03:00 -> 02:00 at 01:00Z
    [InlineData("0 30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T03:00:00+02:00")]
    [InlineData("0 30 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T02:30:00+02:00")]
    [InlineData("0 30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T02:30:00+02:00")]
    [InlineData("0 30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T02:30:00+01:00")]
    [InlineData("0 */30 * * * *", "2026-03-29T00:30:00Z", "2026-03-29T03:00:00+02:00")]
    [InlineData("0 5/30 * * * *", "2026-03-29T00:35:00Z", "2026-03-29T03:05:00+02:00")]
    [InlineData("0 */30 * * * *", "2026-10-25T00:30:00Z", "2026-10-25T02:00:00+01:00")]
    [InlineData("0 */30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T02:00:00+01:00")]
    [InlineData("0 */30 2 * * *", "2026-10-25T01:30:00Z", "2026-10-26T02:00:00+01:00")]
    [InlineData("0 */30 2 * * *", "2026-03-28T23:00:00Z", "2026-03-30T02:00:00+02:00")]
    public void Where_the_clock_jumps_fixed_times_run_once_and_intervals_follow_the_wall(string expression, string after, string expected) =>
        Assert.Equal(expected, Next(expression, after, Berlin));

    [Theory]
    [InlineData("", "5 or 6 fields")]
    [InlineData("* * * *", "5 or 6 fields")]
    [InlineData("60 * * * * *", "second field 60 is outside 0 to 59")]
    [InlineData("0 0 0 * * 7", "day of week field 7 is outside")]
    [InlineData("0 0 22-2 * * *", "counts down")]
    [InlineData("0 */0 * * * *", "must be 1 or more")]
    [InlineData("0 0 0 * Foo *", "month field 'Foo'")]
    [InlineData("0 0 0 * * 1,,2", "not a number")]
    [InlineData("0 0 -1 * * *", "hour field")]
    [InlineData("0 99999999999 * * * *", "not a number")]
    public void A_wrong_expression_names_its_field(string expression, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Ncrontab.Parse(expression)).Message, StringComparison.Ordinal);

    /// <summary>Against the definition: on an interval schedule, the next occurrence is the first later second whose wall-clock fields all match.</summary>
    [Fact]
    public void Interval_schedules_agree_with_counting_seconds()
    {
        string[] zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"];
        var cases = from zone in Gen.Elements(zones)
                    from second in Gen.Elements("0", "*/20", "7")
                    from minute in Gen.Elements("*", "*/7", "3-50/9")
                    from hour in Gen.Elements("*", "*/2", "1-3")
                    from hoursIn in Gen.Choose(0, 366 * 24)
                    select (zone, $"{second} {minute} {hour} * * *", hoursIn);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(c.zone);
            var after = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(c.hoursIn).AddMinutes(-13);
            var f = c.Item2.Split(' ');
            var expected = after.AddSeconds(1);
            while (!Has(f[0], TimeZoneInfo.ConvertTime(expected, zone).Second) || !Has(f[1], TimeZoneInfo.ConvertTime(expected, zone).Minute) || !Has(f[2], TimeZoneInfo.ConvertTime(expected, zone).Hour))
                expected = expected.AddSeconds(1);
            return Ncrontab.Parse(c.Item2).Next(after, zone) == expected;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

        static bool Has(string field, int value) => field switch
        {
            "*" => true,
            "*/20" => value % 20 == 0,
            "*/7" => value % 7 == 0,
            "*/2" => value % 2 == 0,
            "3-50/9" => value is >= 3 and <= 50 && (value - 3) % 9 == 0,
            "1-3" => value is >= 1 and <= 3,
            _ => value == int.Parse(field, CultureInfo.InvariantCulture),
        };
    }
}
