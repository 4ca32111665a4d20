using System.Diagnostics;
using AiOs.Security;
using AiOs.Security.Detectors;

namespace AiOs.Tests.Security;

public sealed class DetectorTests
{
    [Theory]
    // e-mail
    [InlineData("Write to Ann.O'Neil+claims@mail.example.co.uk, please.", "email", "Ann.O'Neil+claims@mail.example.co.uk")]
    [InlineData("<mailto:ann_b@example.com>.", "email", "ann_b@example.com")]
    [InlineData("jörg@müller.de schrieb", "email", "jörg@müller.de")]
    [InlineData("x@xn--mller-kva.xn--p1ai!", "email", "x@xn--mller-kva.xn--p1ai")]
    [InlineData("ann@example.com-then", "email", "ann@example.com")]
    [InlineData("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "email", "ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ")]
    [InlineData("an\u200Bn@exam\u00ADple.com", "email", "an\u200Bn@exam\u00ADple.com")]
    // cards
    [InlineData("My card 4111 1111 1111 1111 12/27 was stolen", "card", "4111 1111 1111 1111")]
    [InlineData("card:4111-1111-1111-1111.", "card", "4111-1111-1111-1111")]
    [InlineData("4111111111111111", "card", "4111111111111111")]
    [InlineData("amex 3782 822463 10005 thanks", "card", "3782 822463 10005")]
    [InlineData("Visa with 13 digits 4222222222222", "card", "4222222222222")]
    [InlineData("Nineteen 6304000000000000000 digits", "card", "6304000000000000000")]
    [InlineData("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "card", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    [InlineData("４１１１ １１１１ １１１１ １１１１", "card", "４１１１ １１１１ １１１１ １１１１")]
    [InlineData("4111\u00A01111\u20111111\u200B 1111", "card", "4111\u00A01111\u20111111\u200B 1111")]
    [InlineData("𝟜111 1111 1111 1111", "card", "𝟜111 1111 1111 1111")]
    [InlineData("٤١١١١١١١١١١١١١١١", "card", "٤١١١١١١١١١١١١١١١")]
    // IBANs
    [InlineData("to DE89 3704 0044 0532 0130 00 today", "iban", "DE89 3704 0044 0532 0130 00")]
    [InlineData("IBAN:GB82WEST12345698765432.", "iban", "GB82WEST12345698765432")]
    [InlineData("fr14 2004 1010 0505 0001 3m02 606", "iban", "fr14 2004 1010 0505 0001 3m02 606")]
    [InlineData("NO93-8601-1117-947", "iban", "NO93-8601-1117-947")]
    [InlineData("MT84MALT011000012345MTLCAST001S", "iban", "MT84MALT011000012345MTLCAST001S")]
    // telephones
    [InlineData("Call +44 20 7946 0958 now", "phone", "+44 20 7946 0958")]
    [InlineData("+49 (0)30 901820", "phone", "+49 (0)30 901820")]
    [InlineData("(+351) 912 345 678", "phone", "(+351) 912 345 678")]
    [InlineData("+14155550132", "phone", "+14155550132")]
    [InlineData("0033 1 84 17 61 18", "phone", "0033 1 84 17 61 18")]
    [InlineData("It is 01.84.17.61.18", "phone", "01.84.17.61.18")]
    [InlineData("030/901820-12", "phone", "030/901820-12")]
    [InlineData("07700 900123", "phone", "07700 900123")]
    [InlineData("07700900123", "phone", "07700900123")]
    [InlineData("(020) 7946 0958", "phone", "(020) 7946 0958")]
    [InlineData("415-555-0132 x45", "phone", "415-555-0132 x45")]
    [InlineData("1 (415) 555-0132", "phone", "1 (415) 555-0132")]
    [InlineData("Reach me on 555-0132.", "phone", "555-0132")]
    [InlineData("my mobile is 612 345 678", "phone", "612 345 678")]
    [InlineData("Tel.: 99 57 74 50", "phone", "99 57 74 50")]
    [InlineData("8 (912) 345-67-89", "phone", "8 (912) 345-67-89")]
    [InlineData("call 4155550132", "phone", "4155550132")]
    [InlineData("090-1234-5678", "phone", "090-1234-5678")]
    [InlineData("On 15.01.2026 030 901820 did not answer", "phone", "030 901820")]
    [InlineData("Suite 12 030 901820", "phone", "030 901820")]
    [InlineData("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 4111 1111 1111 1111", "card", "4111 1111 1111 1111")]
    [InlineData("+49 30 901820 5 Stück", "phone", "+49 30 901820 5")]
    public void A_personal_value_is_found_whole(string text, string kind, string value)
    {
        var found = Assert.Single(PersonalData.Find(text, MaskKinds.All, ""));
        Assert.Equal((kind, value), (found.Value.Kind, found.Value.Original));
        Assert.Equal(value, text[found.Start..found.End]);
    }

    [Theory]
    [InlineData("Policy PC-123456 and claim CLM-2026-0123456")]
    [InlineData("My policy number is 0123 456 789")]
    [InlineData("policy 0123456789, customer no. 98765 43210, invoice number: 415-555-0132")]
    [InlineData("It cost 1.250.000,00 or 1 250 000 EUR or $ 12,345,678.90 or 12 345 678 kg")]
    [InlineData("EUR 123 456 789 and 4 111 111 111 111 111 grains")]
    [InlineData("+1 250 000 EUR more")]
    [InlineData("from 2026-01-15 to 2026-02-28, 15.01.2026 10:30:00, 01/02/2026, 1-2-26")]
    [InlineData("2026-03-02T09:00:00Z 20260302 1772442000000")]
    [InlineData("10.0.0.1 192.168.100.200 255.255.255.0 :: 2001:db8::1")]
    [InlineData("550e8400-e29b-41d4-a716-446655440000 and 12345678-1234-1234-1234-123456789012")]
    [InlineData("0.123456789 3.14159265358979 1e10 v10.0.26100.1")]
    [InlineData("4111 1111 1111 1112 is no card, 490154203237518 is an IMEI")]
    [InlineData("DE88 3704 0044 0532 0130 00 and XX82WEST12345698765432 are no IBANs")]
    [InlineData("@home, a@b, user@localhost, @@, foo@.com, 50 @ 3.20")]
    [InlineData("ISBN 978-3-16-148410-0, ticket #0301234567, order_0301234567")]
    [InlineData("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")]
    [InlineData("ZIP 12345-6789, 1600 1700 1800, pages 100-200")]
    [InlineData("I paid 250 on 3 March and 75.50 on 12 April 2025; 3 claims, 2 cars, 90 days")]
    [InlineData("between 10 000 000 and 20 000 000 people")]
    public void An_amount_a_date_or_an_id_is_nobodys_number(string text) =>
        Assert.Empty(PersonalData.Find(text, MaskKinds.All, "").Select(found => $"{found.Value.Kind} {found.Value.Original}"));

    [Fact]
    public void Spellings_of_one_value_are_equal()
    {
        foreach (var spellings in new[]
        {
            new[] { "Ann@Example.com", "ann@example.COM", "ａnn@example.com" },
            ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111"],
            ["DE89 3704 0044 0532 0130 00", "de89370400440532013000"],
            ["+49 30 901820", "0049 30 901820", "+49 (0)30 90 18 20", "+4930901820"],
        })
            Assert.Single(spellings.Select(text => Assert.Single(PersonalData.Find(text, MaskKinds.All, "")).Value.Normalised).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void A_kind_that_was_not_asked_for_stays_and_is_not_taken_for_another()
    {
        Assert.Empty(PersonalData.Find("call me about card 4111 1111 1111 1111", [MaskKinds.Phone], ""));
        Assert.Equal("phone", Assert.Single(PersonalData.Find("4155550132", MaskKinds.All, "customerPhone")).Value.Kind);
        Assert.Empty(PersonalData.Find("4155550132", MaskKinds.All, "policyNumber"));
    }

    [Fact]
    public void Numbers_of_every_issuer_are_found_however_they_are_grouped_and_not_with_a_wrong_check_digit()
    {
        (string Begins, int[] Lengths)[] issuers =
        [
            ("4", [13, 16, 19]), ("51", [16]), ("2221", [16]), ("2720", [16]), ("34", [15]), ("37", [15]), ("300", [14, 16]), ("36", [14, 16, 19]), ("3528", [16, 17, 18, 19]), ("2131", [15]), ("1800", [15]),
            ("6011", [12, 13, 14, 15, 16, 17, 18, 19]), ("5018", [12, 13, 14, 15, 16, 17, 18, 19]), ("6759", [12, 13, 14, 15, 16, 17, 18, 19]), ("2200", [16]), ("9792", [16]), ("81", [16]),
        ];
        var random = new Random(16_000);
        foreach (var (begins, lengths) in issuers)
            foreach (var length in lengths)
                for (var i = 0; i < 200; i++)
                {
                    var digits = begins + string.Concat(Enumerable.Range(0, length - begins.Length - 1).Select(_ => random.Next(10)));
                    var check = (10 - digits.Reverse().Select((digit, place) => place % 2 == 0 ? (digit - '0') * 2 % 10 + (digit - '0') / 5 : digit - '0').Sum() % 10) % 10;
                    var number = digits + check;
                    foreach (var size in length <= 16 ? new[] { length, 4, 1 } : [length])   // of more than 16 in groups, 16 may be a number too
                    {
                        var written = string.Join(i % 2 == 0 ? ' ' : '-', number.Chunk(size).Select(group => new string(group)));
                        var found = Assert.Single(PersonalData.Find($"paid with {written}, yesterday", [MaskKinds.Card], ""));
                        Assert.Equal((10, number), (found.Start, found.Value.Normalised));
                    }

                    Assert.Empty(PersonalData.Find($"paid with {digits}{(check + 1 + i % 9) % 10}, yesterday", [MaskKinds.Card], ""));
                }
    }

    [Fact]
    public void Hostile_text_of_the_largest_size_is_read_in_linear_time()
    {
        foreach (var piece in new[] { "a@", "1 ", "0 ", "01 ", "4 ", "GB82 ", "[email:", "0", "+1(", "1-1.1/1 ", "4111 ", "a.b-", "@a.b.c", "call 1", "(0)", "\u200B1", "x 1,", "DE89370400440532013000", "6 ", "4111 1111 1111 1112 ", "6304000000000000 ", "4111-1111-1111-1112, " })
        {
            var text = string.Concat(Enumerable.Repeat(piece, 131_072 / piece.Length));
            var watch = Stopwatch.StartNew();
            PersonalData.Find(text, MaskKinds.All, "");
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"{piece}: {watch.ElapsedMilliseconds} ms");
        }
    }
}
