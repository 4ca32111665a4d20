using System.Text.Json;

namespace AiOs.Tests.Models;

/// <summary>A question to the bank's sample app, what its help centre says, and what models make of it.</summary>
static class LostCard
{
    public const string App = "customer-support";

    public const string Question = "I lost my card. What does the replacement cost and how long does its delivery take?";

    public const string Document = "knowledge/lost-and-stolen-cards.md";

    public const string Price = "A replacement for a lost or stolen card is free twice a year; each further one costs 8.00 EUR.";

    public const string Delivery = "Delivery takes three to five working days within the country.";

    /// <summary>A sentence with one citation.</summary>
    public static object Sentence(string text, string quote, string document = Document) => new { text, citations = new[] { new { document, section = "Replacement", quote } } };

    public static object PriceSentence => Sentence(Price, "The replacement for a lost or stolen card is free twice a year; each further one costs 8.00 EUR.");

    /// <summary>In the document there is a line break in the middle of the quote.</summary>
    public static object DeliverySentence => Sentence(Delivery, "Delivery takes three to five working days within the country.");

    public static JsonElement Origin(this JsonElement outcome) => outcome.GetProperty("answer").GetProperty("origin");

    public static string AnswerText(this JsonElement outcome) => outcome.GetProperty("answer").GetProperty("text").GetString()!;

    /// <summary>Every citation stands literally where it says.</summary>
    public static void AssertCitationsStand(this JsonElement outcome)
    {
        var citations = outcome.GetProperty("answer").GetProperty("citations").EnumerateArray().ToList();
        Assert.NotEmpty(citations);
        foreach (var citation in citations)
        {
            var text = File.ReadAllText(Path.Combine(Repository.Root, "apps", App, citation.GetProperty("document").GetString()!));
            Assert.Equal(citation.GetProperty("quote").GetString(), text[citation.GetProperty("start").GetInt32()..citation.GetProperty("end").GetInt32()]);
        }
    }

    /// <summary>The answer is that of the sources, and says why.</summary>
    public static void AssertExtractive(this JsonElement outcome, string reason)
    {
        Assert.Equal("completed", outcome.Status());
        Assert.Equal(("extractive", reason), (outcome.Origin().GetProperty("source").GetString(), outcome.Origin().GetProperty("reason").GetString()));
        Assert.NotEmpty(outcome.AnswerText());
        outcome.AssertCitationsStand();
    }
}
