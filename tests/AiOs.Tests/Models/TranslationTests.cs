using System.Text.Json;
using AiOs.ControlPlane.Apps;

namespace AiOs.Tests.Models;

/// <summary>Messages in another language, of an app that has them translated.</summary>
public sealed class TranslationTests(DeployedApps apps)
{
    const string German = "Ich habe meine Karte verloren, bitte schreiben Sie mir an ada.lovelace@example.com. Was kostet die Ersatzkarte und wie lange dauert die Lieferung?";
    const string English = "I lost my card, please write to me at {0}. What does the replacement cost and how long does its delivery take?";
    const string Answer = "Der Ersatz für eine verlorene oder gestohlene Karte ist zweimal im Jahr kostenlos; jeder weitere kostet 8.00 EUR. {0}";

    [Fact]
    public async Task A_message_is_read_in_English_and_answered_in_its_own_language()
    {
        await using var model = await ModelServer.StartAsync(exchange => exchange.Asked.GetProperty("to").GetString() == "en"
            ? TranslateAsync(exchange, "de", string.Format(null, English, Token(exchange)))
            : TranslateAsync(exchange, "en", Digits(exchange, "de")));
        await using var os = await StartAsync(model);
        var outcome = await os.SendAsync(LostCard.App, German);

        Assert.Equal("completed", outcome.Status());
        Assert.StartsWith("Der Ersatz", outcome.AnswerText(), StringComparison.Ordinal);
        outcome.AssertCitationsStand();
        Assert.False(outcome.TryGetProperty("handOff", out _));
        Assert.Equal(["en", "de"], model.Exchanges.Select(e => e.Asked.GetProperty("to").GetString()));
        Assert.All(model.Exchanges, e => Assert.DoesNotContain("ada.lovelace", e.Body.GetRawText(), StringComparison.Ordinal));
        var run = await os.Http.GetStringAsync($"api/runs/{outcome.RunId()}");
        Assert.Contains("\"translatedFrom\":\"de\"", run, StringComparison.Ordinal);
        Assert.Contains("intent/model", run, StringComparison.Ordinal);
        Assert.Contains(".translation/model", run, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error")]
    [InlineData("malformed")]
    [InlineData("untranslated")]
    [InlineData("token lost")]
    [InlineData("number invented")]
    [InlineData("link invented")]
    public async Task What_is_not_translated_well_goes_to_a_person(string how)
    {
        await using var model = await ModelServer.StartAsync(exchange => how switch
        {
            "error" => exchange.FailAsync(400),
            "malformed" => SayAsync(exchange, "I cannot do that."),
            "untranslated" => TranslateAsync(exchange, "de", exchange.Asked.GetProperty("text").GetString()!),
            "token lost" => TranslateAsync(exchange, "de", string.Format(null, English, "my address")),
            "number invented" => TranslateAsync(exchange, "de", string.Format(null, English, Token(exchange)) + " I pay 4711 EUR."),
            _ => TranslateAsync(exchange, "de", string.Format(null, English, Token(exchange)) + " See https://example.org/x."),
        });
        await using var os = await StartAsync(model);
        var outcome = await os.SendAsync(LostCard.App, German);
        Assert.Equal("language", outcome.GetProperty("handOff").GetProperty("reason").GetString());
        Assert.Single(model.Exchanges);
    }

    [Fact]
    public async Task Without_the_model_it_goes_to_a_person_and_English_is_never_sent()
    {
        await using var os = await StartAsync(null);
        Assert.Equal("language", (await os.SendAsync(LostCard.App, German)).GetProperty("handOff").GetProperty("reason").GetString());
        await using var model = await ModelServer.StartAsync(exchange => exchange.FailAsync(400));
        await using var with = await StartAsync(model);
        Assert.Equal("completed", (await with.SendAsync(LostCard.App, LostCard.Question)).Status());
        Assert.Empty(model.Exchanges);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_translated_stays_as_it_is()
    {
        await using var model = await ModelServer.StartAsync(exchange => exchange.Asked.GetProperty("to").GetString() == "en"
            ? TranslateAsync(exchange, "de", string.Format(null, English, Token(exchange)))
            : TranslateAsync(exchange, "en", string.Format(null, Answer, "Rufen Sie 0800 123 an.")));
        await using var os = await StartAsync(model);
        var outcome = await os.SendAsync(LostCard.App, German);
        Assert.Contains("free twice a year", outcome.AnswerText(), StringComparison.Ordinal);
    }

    async Task<LocalOs> StartAsync(ModelServer? model)
    {
        var settings = model?.Settings.ToDictionary(s => s.Key.Replace("_ANSWER_", "_TRANSLATE_", StringComparison.Ordinal), s => s.Value, StringComparer.Ordinal);
        var os = await LocalOs.StartAsync(apps.Copy(), settings: settings);
        var package = AppPackage.FromFolder(Path.Combine(Repository.Root, "apps", LostCard.App));
        var files = package.Files.Keys.ToDictionary(path => path, path => package.Text(path)!, StringComparer.Ordinal);
        files["app.yaml"] = files["app.yaml"].Replace("minConfidence: 0.25}", "minConfidence: 0.25, otherLanguages: translate}", StringComparison.Ordinal).Replace("version: 1.0.0", "version: 1.0.1", StringComparison.Ordinal);
        var deployed = await os.DeployAsync(LostCard.App, AppPackage.FromFiles(files).ToZip());
        Assert.True(deployed.Status() == "completed", deployed.GetRawText());
        return os;
    }

    static string Token(ModelExchange exchange)
    {
        var text = exchange.Asked.GetProperty("text").GetString()!;
        var from = text.IndexOf("[email:", StringComparison.Ordinal);
        return text[from..(text.IndexOf(']', from) + 1)];
    }

    /// <summary>A German sentence with the digits and hidden values of what was to be translated.</summary>
    static string Digits(ModelExchange exchange, string to)
    {
        Assert.Equal(to, exchange.Asked.GetProperty("to").GetString());
        var text = exchange.Asked.GetProperty("text").GetString()!;
        return string.Format(null, Answer.Replace("8.00 EUR", "{0}", StringComparison.Ordinal).Replace(". {0}", ".", StringComparison.Ordinal),
            string.Join(" und ", System.Text.RegularExpressions.Regex.Matches(text, @"\[[a-z]+:[a-z0-9]+\]|[0-9]+", System.Text.RegularExpressions.RegexOptions.NonBacktracking).Select(m => m.Value)));
    }

    static Task TranslateAsync(ModelExchange exchange, string language, string text) => SayAsync(exchange, JsonSerializer.Serialize(new { language, text }));

    static async Task SayAsync(ModelExchange exchange, string text)
    {
        await exchange.SayAsync(text);
        await exchange.EndAsync();
    }
}
