using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AiOs.Agents.Extraction;
using AiOs.Agents.Intent;
using AiOs.Agents.Language;
using AiOs.Agents.Reading;
using AiOs.Agents.Translation;
using AiOs.ControlPlane.Apps;
using AiOs.Models.Sentences;
using AiOs.Security;
using AiOs.Security.Detectors;
using AiOs.Serving.Chat;
using AiOs.Shared.Tests.Apps;

namespace AiOs.Shared.Tests.Hostile;

/// <summary>What people write, damaged at random: everything that reads a message before a model does, and what reads a model's answer about it.</summary>
public sealed class MutatedTextTests
{
    const int Messages = 100_000, Answers = 20_000, Parts = 4;

    static readonly FieldExtractor extractor = new(new ExtractionOptions());

    /// <summary>The labelled messages of the sample apps and the foreign sentences: what mutations begin with.</summary>
    static readonly string[] Seeds =
    [
        .. new[] { "claims-intake", "customer-support", "it-incident" }.SelectMany(app => AppReader.Read(AppPackage.FromFolder(Path.Combine(SampleApps.Folder, app))).Manifest!.Evals.Select(eval => eval.Text)),
        .. File.ReadLines(Path.Combine(SampleApps.Folder, "..", "tests", "AiOs.Shared.Tests", "Language", "foreign.txt")).Select(line => line.Split('\t')[1]),
        "Pay 240.00 EUR to [iban:7kq3zt5m2a7kq3zt5m2a7kq3zt], write to a@b.co or +49 30 1234567; card 4111 1111 1111 1111, on 2026-03-14 or the day after, 2,5 kg.",
    ];

    static readonly FieldSpec[] Fields =
    [
        new("amount", FieldKind.Money), new("date", FieldKind.Date), new("id", FieldKind.Pattern, Pattern: "(P|PC)+-[0-9]{6}"), new("count", FieldKind.Integer), new("size", FieldKind.Number), new("email", FieldKind.Email), new("iban", FieldKind.Iban),
        new("note", FieldKind.Text), new("weight", FieldKind.Quantity) { Unit = "kg" }, new("why", FieldKind.Text) { After = "because", Before = "so that" }, new("kind", FieldKind.Choice, Choices: ["water", "fire"]),
    ];

    [Fact]
    public void A_hundred_thousand_damaged_messages_are_read_without_an_exception_and_none_takes_long()
    {
        var slowest = new TimeSpan[Parts];
        Parallel.For(0, Parts, part =>
        {
            var random = new Random(77_000 + part);
            for (var i = 0; i < Messages / Parts; i++)
            {
                var text = Mutated(random, Seeds);
                var began = Stopwatch.GetTimestamp();
                ReadAll(text);
                var took = Stopwatch.GetElapsedTime(began);
                slowest[part] = took > slowest[part] ? took : slowest[part];
            }
        });
        Assert.True(slowest.Max() < TimeSpan.FromMinutes(1), $"the slowest message took {slowest.Max()}");
    }

    /// <summary>A damaged piece repeated until the text is as long as is allowed.</summary>
    [Fact]
    public void Damaged_pieces_over_and_over_take_linear_time()
    {
        var (random, clock) = (new Random(78_000), Stopwatch.StartNew());
        for (var i = 0; i < 60; i++)
        {
            var piece = Mutated(random, Seeds);
            piece = piece[..Math.Min(piece.Length, random.Next(1, 40))];
            ReadAll(new StringBuilder().Insert(0, piece, FieldExtractor.LongestText / piece.Length).ToString());
        }

        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(3), $"{clock.Elapsed} for 60 texts of 128 KiB");
    }

    /// <summary>What a model says is as foreign as what a customer writes: a damaged answer is a reading that holds what readings promise, or a <see cref="ModelException"/>, and nothing else.</summary>
    [Fact]
    public void Damaged_answers_of_models_are_read_or_refused_by_name()
    {
        const string Text = "Ein Sturm hat am 4. März mein Fenster zerschlagen, die Rechnung beträgt 1.240,50 Euro, bitte an [iban:7kq3zt5m2a7kq3zt5m2a7kq3zt].";
        ReadableIntent[] intents = [new("report-damage", "New damage.", []), new("claim-status", "Where a claim is.", [])];
        var answer = JsonSerializer.Serialize(new
        {
            language = "de",
            english = "A storm broke my window on 4 March, the bill is 1.240,50 euros, please to [iban:7kq3zt5m2a7kq3zt5m2a7kq3zt].",
            intent = "report-damage", evidence = "mein Fenster zerschlagen", confidence = 0.9,
            fields = new { amount = new { quote = "1.240,50 Euro", value = "1240.50 EUR" }, date = new { quote = "am 4. März", value = "2026-03-04" }, note = (object?)null },
        });
        Assert.Equal(["amount", "date"], ReadingCheck.Read(answer, Text, intents, Fields).Fields.Keys.Order(StringComparer.Ordinal));
        var read = 0;
        var random = new Random(79_000);
        for (var i = 0; i < Answers; i++)
        {
            var damaged = Mutated(random, [answer]);
            try
            {
                var found = ReadingCheck.Read(damaged, Text, intents, Fields);
                read++;
                if (found.Confidence is not (>= 0 and <= 1) || (found.Intent is { } intent && !intents.Any(known => known.Name == intent)) || !TranslationCheck.Holds(Text, found.English, toEnglish: true))
                    Assert.Fail(damaged);
            }
            catch (ModelException e)
            {
                Assert.True(e.Failure is ModelFailure.Malformed or ModelFailure.Unsupported, damaged);
            }
        }

        Assert.InRange(read, 1, Answers - 1);
    }

    static void ReadAll(string text)
    {
        foreach (var field in extractor.Extract(text, Fields, DateTimeOffset.UnixEpoch.AddYears(56), TimeZoneInfo.Utc).Fields.Values)
            if (!(0 <= field.Start && field.Start < field.End && field.End <= text.Length))
                Assert.Fail($"{field} in {text}");
        foreach (var personal in PersonalData.Find(text, MaskKinds.All, ""))
            if (!(0 <= personal.Start && personal.Start < personal.End && personal.End <= text.Length))
                Assert.Fail($"{personal} in {text}");
        if ((LanguageRecogniser.Recognise(text, out var tags) == AiOs.Agents.Language.Language.Other) is false && tags.Count > 0)
            Assert.Fail(text);
        var reading = IntentText.Read(text);
        GramCounts.Of(reading, 1);
        if (Models.Encoder.Shared.Tokenize(text).Count > UnigramTokenizer.MaxTokens || Models.Encoder.Intents.Tokenize(reading).Count > WordPieceTokenizer.MaxTokens)
            Assert.Fail(text);
        TranslationCheck.Holds(text, text, toEnglish: true);
    }

    /// <summary>One to eight of: a piece is left out, doubled, moved, turned round, taken from another seed; a character is replaced, changes its case, gets company.</summary>
    static string Mutated(Random random, string[] seeds)
    {
        var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
        for (var count = random.Next(1, 9); count > 0; count--)
        {
            var at = random.Next(text.Length + 1);
            var length = random.Next(Math.Min(text.Length - at, 24) + 1);
            var piece = text.ToString(at, length);
            switch (random.Next(9))
            {
                case 0: text.Remove(at, length); break;
                case 1: text.Insert(at, piece, random.Next(1, 30)); break;
                case 2: text.Remove(at, length).Insert(random.Next(text.Length + 1), piece); break;
                case 3: text.Remove(at, length).Insert(at, new string([.. piece.Reverse()])); break;
                case 4: var other = seeds[random.Next(seeds.Length)]; text.Insert(at, other[random.Next(other.Length)..]); break;
                case 5: text.Insert(at, (char)random.Next(random.Next(2) == 0 ? 0x250 : 0x10000)); break;
                case 6: text.Remove(at, length).Insert(at, random.Next(2) == 0 ? piece.ToUpperInvariant() : piece.ToLowerInvariant()); break;
                case 7: text.Insert(at, "0123456789.,-@[]:/'\"\\{}€ \t\n\u0301\u200b\ud83d"[random.Next(25)].ToString(), random.Next(1, 12)); break;
                default: if (length > 0) text[at] ^= (char)(1 << random.Next(8)); break;
            }
        }

        return text.ToString();
    }
}
