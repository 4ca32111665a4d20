using System.Text.Json;
using AiOs.Agents.Extraction;
using AiOs.Agents.Reading;
using AiOs.Serving.Chat;

namespace AiOs.Shared.Tests.Reading;

/// <summary>What a model says of a message's fields counts only where the message says it.</summary>
public sealed class ReadingCheckTests
{
    static readonly FieldSpec[] Fields = [new("amount", FieldKind.Money), new("count", FieldKind.Integer), new("weight", FieldKind.Quantity), new("day", FieldKind.Date), new("what", FieldKind.Text)];

    [Theory]
    [InlineData("amount", "1.240,50 Euro", "1240.50 EUR", true)]
    [InlineData("amount", "1 240,50 Euro", "1240.50 EUR", true)]
    [InlineData("amount", "1.240 Euro", "1240 EUR", true)]
    [InlineData("amount", "240 Euro", "240.00 EUR", true)]
    [InlineData("amount", "240 Euro", "2400 EUR", false)]
    [InlineData("amount", "240 Euro", "24 EUR", false)]
    [InlineData("amount", "240,50 Euro", "24050 EUR", false)]
    [InlineData("amount", "1.240,50 Euro", "9999 EUR", false)]
    [InlineData("amount", "1.240,50 Euro", "1.240,50 EUR", false)]
    [InlineData("amount", "viel Geld", "500 EUR", false)]
    [InlineData("count", "12 Stück", "12", true)]
    [InlineData("weight", "2,5 Kilo", "2.5 kg", true)]
    [InlineData("weight", "2,500 Kilo", "2.500 kg", true)]
    [InlineData("day", "am 3. März", "2026-03-03", true)]
    [InlineData("day", "gestern", "2026-03-02", true)]
    [InlineData("day", "am 3. März", "2026-11-17", false)]
    [InlineData("amount", "240 Dollar", "240 USD", false, "240 Euro")]
    [InlineData("amount", "240", "240 EUR", false, "1.240,50 Euro")]
    [InlineData("amount", "1.240", "1240 EUR", false, "1.240,50 Euro")]
    [InlineData("amount", "50 Euro", "50 EUR", false, "1.240,50 Euro")]
    [InlineData("amount", "24", "24 EUR", false, "240 Euro")]
    [InlineData("amount", "240", "240 EUR", true, "zwei (240), Euro")]
    [InlineData("amount", "5 Euro", "5k EUR", false)]
    [InlineData("amount", "5 Euro", "5 thousand EUR", false)]
    [InlineData("amount", "5 Euro", "5 MIO", false)]
    [InlineData("amount", "5 Euro", "$5m", false)]
    [InlineData("amount", "5 Euro", "5 EUR and five hundred EUR", false)]
    [InlineData("count", "5 Stück", "5 million", false)]
    [InlineData("what", "die Rechnung", "the bill [iban:aaaaaaaaaaaaaaaaaaaaaaaaaa]", false)]
    [InlineData("what", "die Rechnung", "the bill, see https://pay.example", false)]
    [InlineData("what", "die Rechnung", "the bill 99817", false)]
    [InlineData("what", "die Rechnung 99817", "the bill 99817", true)]
    [InlineData("what", "die Rechnung der zwei Glaser", "the bill of 2 glaziers", true)]
    public void A_value_is_kept_where_its_quote_stands_in_the_message_with_the_same_number(string field, string quote, string value, bool kept, string? written = null)
    {
        var text = $"Bitte beachten Sie, es geht um {written ?? quote} und nichts anderes.";
        var said = JsonSerializer.Serialize(new
        {
            language = "de",
            english = text.Replace("Bitte beachten Sie, es geht um", "Please note that this is about", StringComparison.Ordinal).Replace("und nichts anderes", "and nothing else", StringComparison.Ordinal),
            intent = "none", evidence = "", confidence = 0.5,
            fields = new Dictionary<string, object> { [field] = new { quote, value } },
        });
        var read = ReadingCheck.Read(said, text, [new("pay", "Somebody pays.", [])], Fields);
        Assert.Equal(kept, read.Fields.ContainsKey(field));
        Assert.Null(read.Intent);
    }

    [Theory]
    [InlineData("zahlen Sie die", true)]
    [InlineData("zahlen  Sie\ndie", true)]
    [InlineData(",", false)]
    [InlineData(". . .", false)]
    [InlineData("[iban:aaaaaaaaaaaaaaaaaaaaaaaaaa]", false)]
    public void What_shows_an_intent_is_words_of_the_message(string evidence, bool shows)
    {
        const string Text = "Bitte, zahlen Sie die Rechnung auf [iban:aaaaaaaaaaaaaaaaaaaaaaaaaa] . . . danke.";
        string Said() => ReadingCheck.Read(
            JsonSerializer.Serialize(new { language = "de", english = "Please pay the bill to [iban:aaaaaaaaaaaaaaaaaaaaaaaaaa], thank you.", intent = "pay", evidence, confidence = 0.9, fields = new { } }), Text, [new("pay", "Somebody pays.", [])], Fields).Intent!;
        if (shows) Assert.Equal("pay", Said());
        else Assert.Equal(ModelFailure.Unsupported, Assert.Throws<ModelException>(Said).Failure);
    }
}
