using System.Text.Json;
using AiOs.Agents.Language;
using AiOs.Shared.Tests.Apps;

namespace AiOs.Shared.Tests.Language;

using Language = AiOs.Agents.Language.Language;

public sealed class LanguageRecogniserTests
{
    /// <summary>Sentences of 24 languages, written for this purpose: language, tab, sentence.</summary>
    static readonly (string Code, string Text)[] Foreign = [.. File.ReadLines(Path.Combine(SampleApps.Folder, "..", "tests", "AiOs.Shared.Tests", "Language", "foreign.txt"))
        .Select(line => line.Split('\t')).Select(parts => (parts[0], parts[1]))];

    [Fact]
    public void Nine_of_ten_foreign_sentences_are_recognised_and_hardly_any_is_called_English()
    {
        Assert.True(Foreign.Length >= 100 && Foreign.Select(line => line.Code).Distinct(StringComparer.Ordinal).Count() >= 20);
        Assert.InRange(Share(Foreign.Select(line => line.Text), Language.Other), 0.9, 1);
        Assert.InRange(Share(Foreign.Select(line => line.Text), Language.English), 0, 0.03);
    }

    [Fact]
    public void English_messages_are_practically_never_called_foreign()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AIOS_DATA") is { Length: > 0 }, "AIOS_DATA does not name the folder with banking77/ and clinc150/.");
        var data = Environment.GetEnvironmentVariable("AIOS_DATA")!;
        var banking = File.ReadLines(Path.Combine(data, "banking77", "train.csv")).Skip(1).Where(line => line.Contains(',', StringComparison.Ordinal)).Select(line => line[..line.LastIndexOf(',')].Trim('"'));
        var clinc = JsonDocument.Parse(File.ReadAllText(Path.Combine(data, "clinc150", "data.json"))).RootElement.EnumerateObject().SelectMany(split => split.Value.EnumerateArray()).Select(pair => pair[0].GetString()!);
        foreach (var messages in new[] { banking, clinc })
        {
            Assert.InRange(Share(messages, Language.Other), 0, 0.002);
            Assert.InRange(Share(messages, Language.English), 0.98, 1);
        }
    }

    static double Share(IEnumerable<string> texts, Language language)
    {
        var all = texts.ToList();
        return (double)all.Count(text => LanguageRecogniser.Recognise(text) == language) / all.Count;
    }

    [Theory]
    [InlineData("I lost my card", Language.English)]
    [InlineData("freeze my card, por favor", Language.English)]
    [InlineData("the word for thanks is merci, right?", Language.English)]
    [InlineData("Herr Müller from Düsseldorf broke the window", Language.English)]
    [InlineData("no, the 14th", Language.English)]
    [InlineData("Danke", Language.Other)]
    [InlineData("où est ma carte", Language.Other)]
    [InlineData("ou\u0300 est ma carte", Language.Other)]
    [InlineData("карта", Language.Other)]
    [InlineData("я потерял мою карту Visa", Language.Other)]
    [InlineData("カードをなくしました please", Language.Other)]
    [InlineData("", Language.Undecided)]
    [InlineData("240", Language.Undecided)]
    [InlineData("PC-204518", Language.Undecided)]
    [InlineData("😀😀😀", Language.Undecided)]
    [InlineData("[email:7kq3zt5m2a7kq3zt5m2a7kq3zt]", Language.Undecided)]
    [InlineData("https://example.com/der/die/das", Language.Undecided)]
    [InlineData("Müller", Language.Undecided)]
    public void A_verdict_needs_words(string text, Language expected) => Assert.Equal(expected, LanguageRecogniser.Recognise(text));

    [Theory]
    [InlineData("Ich habe meine Karte verloren und brauche bitte eine neue.", "de")]
    [InlineData("Je ne peux pas payer avec ma carte, pourquoi ?", "fr")]
    [InlineData("No puedo pagar con mi tarjeta, ¿por qué?", "es")]
    [InlineData("Zgubiłem kartę i nie mogę zapłacić, proszę o pomoc.", "pl")]
    [InlineData("Jeg har mistet kortet mitt og trenger hjelp, hva skal jeg gjøre?", "nb")]
    [InlineData("Kartımı kaybettim, lütfen yardım edin, ne yapmalıyım?", "tr")]
    [InlineData("カードをなくしました。助けてください。", "ja")]
    [InlineData("我的卡丢了,请帮帮我。", "zh")]
    [InlineData("카드를 잃어버렸어요. 도와주세요.", "ko")]
    [InlineData("Я потерял карту, помогите пожалуйста.", "ru")]
    [InlineData("لقد فقدت بطاقتي، ساعدوني من فضلكم.", "ar")]
    [InlineData("Έχασα την κάρτα μου, βοηθήστε με παρακαλώ.", "el")]
    public void Another_language_is_named_where_it_can_be_told(string text, string tag)
    {
        Assert.Equal(Language.Other, LanguageRecogniser.Recognise(text, out var tags));
        Assert.Contains(tag, tags);
    }

    [Fact]
    public void Nine_of_ten_sentences_that_are_recognised_as_foreign_are_named_rightly()
    {
        var named = Foreign.Where(line => LanguageRecogniser.Recognise(line.Text) == Language.Other).ToList();
        var right = named.Count(line => LanguageRecogniser.Recognise(line.Text, out var tags) == Language.Other && tags.Contains(line.Code, StringComparer.Ordinal));
        Assert.InRange((double)right / named.Count, 0.9, 1);
    }

    [Fact]
    public void English_is_named_nothing_else()
    {
        Assert.Equal(Language.English, LanguageRecogniser.Recognise("I lost my card and need a new one, please.", out var tags));
        Assert.Empty(tags);
    }
}
