using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AiOs.Agents.Extraction;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Shared.Tests.Extraction;

public sealed class FieldExtractorTests
{
    const string Mail = "[email:7kq3zt5m2a7kq3zt5m2a7kq3zt]";
    const string OtherMail = "[email:aaaaaaaaaaaaaaaaaaaaaaaaaa]";

    static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    static readonly DateTimeOffset Wednesday = new(2026, 3, 18, 9, 30, 0, TimeSpan.Zero);   // 10:30 in Berlin
    readonly FieldExtractor extractor = new(new ExtractionOptions());

    ExtractedField? One(string text, FieldSpec field) => extractor.Extract(text, [field], Wednesday, Berlin).Fields.GetValueOrDefault(field.Name);

    string? Money(string text, string name = "amount") =>
        One(text, new(name, FieldKind.Money)) is { } found ? $"{found.Value.GetProperty("amount").GetString()} {found.Value.GetProperty("currency").GetString()} {found.Value.GetProperty("minor").GetInt64()}" : null;

    [Theory]
    [InlineData("It cost €240", "240.00 EUR 24000")]
    [InlineData("It cost 240,- €.", "240.00 EUR 24000")]
    [InlineData("repair is 1,234.50 EUR", "1234.50 EUR 123450")]
    [InlineData("repair is 1.234,50 eur", "1234.50 EUR 123450")]
    [InlineData("repair is 1 234,50 euros", "1234.50 EUR 123450")]
    [InlineData("repair is 1\u00A0234\u00A0567,5 euros", "1234567.50 EUR 123456750")]
    [InlineData("repair is CHF 1'234.50", "1234.50 CHF 123450")]
    [InlineData("a loss of 1.234 euros", "1234.00 EUR 123400")]
    [InlineData("a loss of 12,34,567 rupees", "1234567.00 INR 123456700")]
    [InlineData("about $1.2k in damage", "1200.00 USD 120000")]
    [InlineData("£5m", "5000000.00 GBP 500000000")]
    [InlineData("3 thousand dollars", "3000.00 USD 300000")]
    [InlineData("200 Swiss francs", "200.00 CHF 20000")]
    [InlineData("A$ 30 and nothing else", "30.00 AUD 3000")]
    [InlineData("two hundred and forty euros", "240.00 EUR 24000")]
    [InlineData("5 euros and 50 cents", "5.50 EUR 550")]
    [InlineData("99 cents", "0.99 EUR 99")]
    [InlineData("12 500 yen", "12500 JPY 12500")]
    [InlineData("KWD 1.234", "1.234 KWD 1234")]
    [InlineData("between 200 and 300 euros", "300.00 EUR 30000")]
    [InlineData("€200-€300", "300.00 EUR 30000")]
    [InlineData("240", "240.00 EUR 24000")]
    [InlineData("the repair will cost 240 all in all, they said on the phone", "240.00 EUR 24000")]
    [InlineData("My excess is 150 euros and the damage is 800 euros.", "800.00 EUR 80000")]
    [InlineData("150 euros excess, 800 euros damage", "800.00 EUR 80000")]
    [InlineData("I pay a premium of 35 EUR monthly. The glazier wants 455.00 EUR.", "455.00 EUR 45500")]
    [InlineData("Lost on 12.02.2026, 4,870.00 EUR altogether, policy PC-104833", "4870.00 EUR 487000")]
    public void Money_is_read_as_people_write_it(string text, string expected) => Assert.Equal(expected, Money(text));

    [Theory]
    [InlineData("I waited 3 days for flight 240 on 14/03/2026")]
    [InlineData("policy PC-104833, ticket #240")]
    [InlineData("is anybody working on claim 9034 already?")]
    [InlineData("999999999999999999999999999999 euros")]
    [InlineData("version 1.2.3.4")]
    [InlineData("hello")]
    [InlineData("")]
    public void What_is_no_money_is_not_taken_for_it(string text) => Assert.Null(Money(text));

    [Fact]
    public void A_field_named_excess_gets_the_excess_and_its_neighbour_the_damage()
    {
        var found = extractor.Extract("My excess is 150 euros and the damage is 800 euros.", [new("damage", FieldKind.Money), new("excess", FieldKind.Money)], Wednesday, Berlin);
        Assert.Equal(80000, found.Fields["damage"].Value.GetProperty("minor").GetInt64());
        Assert.Equal(15000, found.Fields["excess"].Value.GetProperty("minor").GetInt64());
        Assert.Equal(["excess"], extractor.Extract("800 euros damage", [new("damage", FieldKind.Money), new("excess", FieldKind.Money)], Wednesday, Berlin).Missing);
    }

    [Theory]
    [InlineData("2026-03-14", "2026-03-14T00:00:00+01:00")]
    [InlineData("at 2026-07-14T15:30:00Z it failed", "2026-07-14T15:30:00+00:00")]
    [InlineData("14 March 2026", "2026-03-14T00:00:00+01:00")]
    [InlineData("on the 14th of march", "2026-03-14T00:00:00+01:00")]
    [InlineData("March 14th", "2026-03-14T00:00:00+01:00")]
    [InlineData("Mar. 14, 2026", "2026-03-14T00:00:00+01:00")]
    [InlineData("14/03/2026", "2026-03-14T00:00:00+01:00")]
    [InlineData("03/14/2026", "2026-03-14T00:00:00+01:00")]
    [InlineData("14.03.2026", "2026-03-14T00:00:00+01:00")]
    [InlineData("14.3.26.", "2026-03-14T00:00:00+01:00")]
    [InlineData("on 14/3 it broke", "2026-03-14T00:00:00+01:00")]
    [InlineData("17.06.2026", "2026-06-17T00:00:00+02:00")]
    [InlineData("28 December", "2025-12-28T00:00:00+01:00")]
    [InlineData("1 May", "2026-05-01T00:00:00+02:00")]
    [InlineData("no, the 14th", "2026-03-14T00:00:00+01:00")]
    [InlineData("the 30th", "2026-01-30T00:00:00+01:00")]
    [InlineData("yesterday", "2026-03-17T00:00:00+01:00")]
    [InlineData("the day before yesterday", "2026-03-16T00:00:00+01:00")]
    [InlineData("yesterday around 3pm", "2026-03-17T15:00:00+01:00")]
    [InlineData("at 15:30 on 14 March", "2026-03-14T15:30:00+01:00")]
    [InlineData("last Monday", "2026-03-16T00:00:00+01:00")]
    [InlineData("last Wednesday", "2026-03-11T00:00:00+01:00")]
    [InlineData("on friday", "2026-03-13T00:00:00+01:00")]
    [InlineData("next friday", "2026-03-20T00:00:00+01:00")]
    [InlineData("this sunday", "2026-03-22T00:00:00+01:00")]
    [InlineData("Monday last week", "2026-03-09T00:00:00+01:00")]
    [InlineData("3 days ago", "2026-03-15T00:00:00+01:00")]
    [InlineData("two weeks ago", "2026-03-04T00:00:00+01:00")]
    [InlineData("a couple of days ago", "2026-03-16T00:00:00+01:00")]
    [InlineData("in 3 days", "2026-03-21T00:00:00+01:00")]
    [InlineData("two hours ago", "2026-03-18T08:30:00+01:00")]
    [InlineData("My policy started on 1 January 2024. The pipe burst on 10 March.", "2026-03-10T00:00:00+01:00")]
    [InlineData("The pane broke on 4 April 2026, I was born 3.2.1980", "2026-04-04T00:00:00+02:00")]
    public void Dates_are_read_as_the_writer_means_them(string text, string expected) => Assert.Equal(expected, One(text, new("date", FieldKind.Date))?.Value.GetString());

    [Theory]
    [InlineData("31/02/2026")]
    [InlineData("available 24/7")]
    [InlineData("version 1.14.03.2026")]
    [InlineData("it may be 5 to 12")]
    [InlineData("the 3rd driver")]
    [InlineData("99999999999 days ago")]
    public void What_is_no_date_is_not_taken_for_one(string text) => Assert.Null(One(text, new("date", FieldKind.Date)));

    [Fact]
    public void The_day_begins_where_the_writer_lives()
    {
        var late = new DateTimeOffset(2026, 3, 17, 23, 30, 0, TimeSpan.Zero);   // already the 18th in Berlin
        var found = extractor.Extract("yesterday", [new("date", FieldKind.Date)], late, Berlin);
        Assert.Equal("2026-03-17T00:00:00+01:00", found.Fields["date"].Value.GetString());
    }

    [Theory]
    [InlineData("policy PC-104833.", "PC-104833")]
    [InlineData("my policy is pc-104833", "PC-104833")]
    [InlineData("PC-1048339 and PC-104833", "PC-104833")]
    [InlineData("XPC-104833", null)]
    public void A_pattern_matches_as_a_whole(string text, string? expected) =>
        Assert.Equal(expected, One(text, new("policyNumber", FieldKind.Pattern, Pattern: "PC-[0-9]{6}"))?.Value.GetString());

    [Theory]
    [InlineData("I lost two Debit-Cards", "debit card")]
    [InlineData("a CREDITCARD? no: credit card", "creditCard")]
    [InlineData("not a debit card but a voucher", "voucher")]
    [InlineData("vouchers", "voucher")]
    [InlineData("nothing of that", null)]
    public void A_choice_tolerates_case_plural_and_hyphen(string text, string? expected) =>
        Assert.Equal(expected, One(text, new("product", FieldKind.Choice, Choices: ["debit card", "creditCard", "voucher"]))?.Value.GetString());

    [Fact]
    public void Numbers_leave_dates_and_prices_alone_unless_there_is_nothing_else()
    {
        Assert.Equal(3, One("On 14 March 2026 we were 3 people and paid 20 euros", new("people", FieldKind.Integer))?.Value.GetInt64());
        Assert.Equal(2.5m, One("it took 2.5 hours", new("hours", FieldKind.Number))?.Value.GetDecimal());
        Assert.Equal(-4, One("it was -4 outside", new("degrees", FieldKind.Integer))?.Value.GetInt64());
        Assert.Equal(20, One("paid 20 euros", new("amount", FieldKind.Number))?.Value.GetDecimal());
        Assert.Equal(12, One("twelve", new("count", FieldKind.Integer))?.Value.GetInt64());
    }

    [Fact]
    public void Personal_kinds_give_their_tokens_and_never_anything_else()
    {
        Assert.Equal(Mail, One($"write to {Mail} please", new("email", FieldKind.Email))?.Value.GetString());
        Assert.Null(One("write to someone@example.com", new("email", FieldKind.Email)));
        Assert.Null(One("[email:short]", new("email", FieldKind.Email)));
        var two = extractor.Extract($"from {Mail}, copy to {OtherMail}", [new("copyEmail", FieldKind.Email), new("senderEmail", FieldKind.Email)], Wednesday, Berlin);
        Assert.Equal((OtherMail, Mail), (two.Fields["copyEmail"].Value.GetString(), two.Fields["senderEmail"].Value.GetString()));
    }

    [Fact]
    public void Text_is_what_follows_its_label_else_the_message()
    {
        Assert.Equal("checkout is slow", One("Alert!\nsummary: checkout is slow\nservice: web", new("summary", FieldKind.Text))?.Value.GetString());
        Assert.Equal("The checkout is slow.", One(" The checkout is slow. ", new("summary", FieldKind.Text))?.Value.GetString());
        Assert.Equal(["summary"], extractor.Extract(" \n", [new("summary", FieldKind.Text), new("note", FieldKind.Text, Optional: true)], Wednesday, Berlin).Missing);
    }

    [Theory]
    [InlineData("it weighs 2.5 kg", null, "2.5 kg")]
    [InlineData("it weighs 2.5kg.", "g", "2500 g")]
    [InlineData("80cm wide", "m", "0.8 m")]
    [InlineData("about 5 pounds", "kg", "2.267962 kg")]
    [InlineData("two and a half hours", "min", "150 min")]
    [InlineData("half an hour", "min", "30 min")]
    [InlineData("it took 1 h 30 min", "h", "1.5 h")]
    [InlineData("2 hours and 15 minutes", "min", "135 min")]
    [InlineData("6 feet 2 inches", "cm", "187.96 cm")]
    [InlineData("it was -4 °C outside", null, "-4 C")]
    [InlineData("59 degrees Fahrenheit", "C", "15 C")]
    [InlineData("the disk is 93% full", null, "93 %")]
    [InlineData("25 square metres of carpet", null, "25 m2")]
    [InlineData("12 m² of parquet", "m2", "12 m2")]
    [InlineData("1,5 l", "ml", "1500 ml")]
    [InlineData("25", "kg", "25 kg")]
    [InlineData("it broke 3 days ago and dried for 12 hours", "h", "12 h")]
    [InlineData("it weighs 2.5 kg", "m", null)]
    [InlineData("room 25 please, the one on the left", "kg", null)]
    [InlineData("policy PC-104833", null, null)]
    public void Quantities_are_read_with_their_unit_and_converted(string text, string? unit, string? expected) => Assert.Equal(expected,
        One(text, new("size", FieldKind.Quantity) { Unit = unit }) is { } found ? FormattableString.Invariant($"{found.Value.GetProperty("value").GetDouble()} {found.Value.GetProperty("unit").GetString()}") : null);

    [Theory]
    [InlineData("I send it back because the sleeve is torn. Thanks!", "because", null, "the sleeve is torn")]
    [InlineData("Reason:   the sleeve is torn\nRegards", "reason", null, "the sleeve is torn")]
    [InlineData("from Main Street 12 to Park Lane", "from", "to", "Main Street 12")]
    [InlineData("It broke in the back yard when it rained", "in the", "when", "back yard")]
    [InlineData("Kitchen, second floor: it drips", null, ":", "Kitchen, second floor")]
    [InlineData("FROM  Berlin TO Rome", "from", "to", "Berlin")]
    [InlineData("from Berlin", "from", "to", null)]
    [InlineData("nothing of that", "because", null, null)]
    [InlineData("because", "because", null, null)]
    public void Text_is_read_between_its_anchors(string text, string? after, string? before, string? expected) =>
        Assert.Equal(expected, One(text, new("note", FieldKind.Text) { After = after, Before = before })?.Value.GetString());

    [Fact]
    public void Values_read_between_anchors_and_amounts_stand_literally_where_they_are_said_to()
    {
        var words = new[] { "because ", "so that ", "the ", "hose ", "burst", ". ", ", ", "\n", "“", "12", " kg", "😀", " ", "\ud83d", ": " };
        Prop.ForAll(Gen.Elements(words).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var found = extractor.Extract(text, [new("why", FieldKind.Text) { After = "because", Before = "so that" }, new("note", FieldKind.Text) { After = "the" }, new("weight", FieldKind.Quantity) { Unit = "g" }], Wednesday, Berlin);
            foreach (var name in new[] { "why", "note" })
                if (found.Fields.TryGetValue(name, out var read))
                    Assert.Equal(read.Value.GetString(), JsonSerializer.SerializeToElement(text[read.Start..read.End]).GetString());
            if (found.Fields.TryGetValue("weight", out var weight))
                Assert.Contains("12", text[weight.Start..weight.End], StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    [Fact]
    public void Spans_stand_in_the_text_whatever_it_says()
    {
        var words = new[] { "12", "€", "1.234,50", "euros", "PC-104833", "14/03/2026", "yesterday", " at ", "3pm", "\n", ",", ".", "-", "[email:", Mail, "two", " hundred ", "and", "March", "\0", "\ud83d", "😀", "'", "k", " ", ":" };
        FieldSpec[] fields =
        [
            new("amount", FieldKind.Money), new("date", FieldKind.Date), new("id", FieldKind.Pattern, Pattern: "PC-[0-9]{6}"), new("count", FieldKind.Integer), new("size", FieldKind.Number),
            new("kind", FieldKind.Choice, Choices: ["two", "March"]), new("email", FieldKind.Email), new("note", FieldKind.Text),
        ];
        Prop.ForAll(Gen.Elements(words).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var found = extractor.Extract(text, fields, Wednesday, Berlin);
            Assert.All(found.Fields.Values, f => Assert.True(0 <= f.Start && f.Start < f.End && f.End <= text.Length && f.Confidence is >= 0 and <= 1));
            Assert.Equal(fields.Length, found.Fields.Count + found.Missing.Count);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("1,")]
    [InlineData("[email:a")]
    [InlineData("one hundred and ")]
    [InlineData("€1-")]
    [InlineData("1/2/")]
    [InlineData("not ")]
    [InlineData("PC-12345 ")]
    [InlineData("3 days ")]
    [InlineData("cost !!! ")]
    [InlineData("\u0301")]
    [InlineData("summary ")]
    public void Hostile_text_takes_linear_time(string unit)
    {
        FieldSpec[] fields =
        [
            new("amount", FieldKind.Money), new("date", FieldKind.Date), new("id", FieldKind.Pattern, Pattern: "(P|PC)+-[0-9]{6}"), new("count", FieldKind.Integer),
            new("kind", FieldKind.Choice, Choices: ["one hundred and one", "not"]), new("email", FieldKind.Email), new("summary", FieldKind.Text),
        ];
        var text = new StringBuilder().Insert(0, unit, FieldExtractor.LongestText / unit.Length).ToString();
        var clock = Stopwatch.StartNew();
        extractor.Extract(text, fields, Wednesday, Berlin);
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"{clock.Elapsed} for {text.Length} characters");
    }
}
