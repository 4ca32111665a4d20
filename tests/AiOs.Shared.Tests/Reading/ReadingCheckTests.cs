using System.Text.Json;
using AiOs.Agents.Extraction;
using AiOs.Agents.Reading;

namespace AiOs.Shared.Tests.Reading;

/// <summary>What a model says of a message's fields counts only where the message says it.</summary>
public sealed class ReadingCheckTests
{
    static readonly FieldSpec[] Fields = [new("amount", FieldKind.Money), new("count", FieldKind.Integer), new("weight", FieldKind.Quantity), new("day", FieldKind.Date)];

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
}
