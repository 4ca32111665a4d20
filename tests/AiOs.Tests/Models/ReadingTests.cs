using System.Net.Http.Json;
using System.Text.Json;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.Governance;
using AiOs.Observability;
using AiOs.Security;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Models;

/// <summary>Messages in another language, of an app that has a chat model read them.</summary>
public sealed class ReadingTests(DeployedApps apps)
{
    const string German = "Ein Sturm hat am 04.03.2026 ein Fenster in meiner Küche zerschlagen. Die Rechnung des Glasers beträgt 240,50 Euro. Meine Police ist PC-204518, bitte zahlen Sie an DE89370400440532013000.";

    const string French = "Bonjour, je ne comprends pas pourquoi vous n'avez pas encore payé la facture du plombier, pouvez-vous m'aider ?";

    const string Reply = "Ihr Schaden ist angenommen, und 240.50 EUR sind auf dem Weg zu dem Konto, das Sie genannt haben.";

    [Fact]
    public async Task A_model_says_what_a_message_means_and_the_steps_go_on_in_English()
    {
        await using var model = await ModelServer.StartAsync(exchange => exchange.Asked.TryGetProperty("to", out _) ? SayAsync(exchange, JsonSerializer.Serialize(new { language = "en", text = Reply })) : ReadAsync(exchange));
        await using var os = await StartAsync(model, "model");
        var outcome = await os.SendAsync(Claims.App, German);

        Assert.True(outcome.Status() == "completed", outcome.GetRawText());
        Assert.Equal(("report-damage", 0.93, "understand"), (outcome.GetProperty("intent").GetProperty("name").GetString(), outcome.GetProperty("intent").GetProperty("confidence").GetDouble(), outcome.GetProperty("intent").GetProperty("by").GetString()));
        Assert.StartsWith("Ihr Schaden ist angenommen", outcome.AnswerText(), StringComparison.Ordinal);
        Assert.Equal("done", outcome.GetProperty("actions")[0].GetProperty("status").GetString());
        var steps = await ModelAnswerTests.StepsAsync(os, outcome.RunId());
        var fields = steps.Single(step => ModelAnswerTests.Text(step, "step") == "fields").GetProperty("facts");
        Assert.Equal((24050, "EUR"), (fields.GetProperty("amount").GetProperty("minor").GetInt32(), fields.GetProperty("amount").GetProperty("currency").GetString()));
        Assert.StartsWith("2026-03-04", fields.GetProperty("date").GetString(), StringComparison.Ordinal);
        var detected = steps.Single(step => ModelAnswerTests.Text(step, "step") == "intent").GetProperty("facts");
        Assert.Equal(("de", "other", "ein Fenster in meiner Küche zerschlagen"), (ModelAnswerTests.Text(detected, "translatedFrom"), ModelAnswerTests.Text(detected, "language"), ModelAnswerTests.Text(detected, "evidence")));

        // It chooses among the app's intents, sees nothing personal, and costs what it costs.
        var asked = model.Exchanges.First().Body;
        Assert.DoesNotContain(Claims.Iban, asked.GetRawText(), StringComparison.Ordinal);
        var choices = asked.GetProperty("response_format").GetProperty("json_schema").GetProperty("schema").GetProperty("properties").GetProperty("intent").GetProperty("enum").EnumerateArray().Select(name => name.GetString()).ToList();
        Assert.Contains("report-injury", choices);
        Assert.Contains("none", choices);
        Assert.Equal(2, outcome.GetProperty("cost").GetProperty("calls").GetInt32());
        Assert.True(outcome.GetProperty("cost").GetProperty("amount").GetDecimal() > 0);
        Assert.Equal("read", ModelAnswerTests.Text(steps.Single(step => ModelAnswerTests.Text(step, "step") == "intent/model"), "outcome"));
        var entry = (await os.Services.GetRequiredService<AuditLog>().ReadAsync(0, 1000, CancellationToken.None)).Select(record => record.Entry).Single(entry => entry.Type == "intent.read");
        Assert.Equal((outcome.RunId(), "matched", "understand", "report-damage", "0.93"), (entry.RunId, entry.Outcome, entry.Detail!["model"], entry.Detail["intent"], entry.Detail["confidence"]));
    }

    [Theory]
    [InlineData("error", "rejected")]
    [InlineData("words", "malformed")]
    [InlineData("unknown intent", "malformed")]
    [InlineData("confidence of two", "malformed")]
    [InlineData("evidence from nowhere", "unsupported")]
    [InlineData("token lost", "unsupported")]
    [InlineData("number invented", "unsupported")]
    [InlineData("half", "broken")]
    [InlineData("filtered", "filtered")]
    public async Task What_is_not_read_well_goes_to_a_person_and_the_step_says_why(string how, string why)
    {
        await using var model = await ModelServer.StartAsync(exchange => how switch
        {
            "error" => exchange.FailAsync(400),
            "words" => SayAsync(exchange, "I think it is about a window."),
            "unknown intent" => ReadAsync(exchange, intent: "pay-everything"),
            "confidence of two" => ReadAsync(exchange, confidence: 2),
            "evidence from nowhere" => ReadAsync(exchange, evidence: "bitte zahlen Sie alles"),
            "token lost" => ReadAsync(exchange, english: English("my account")),
            "number invented" => ReadAsync(exchange, english: English(Token(exchange)) + " I want 5000 euros."),
            "half" => exchange.SayAsync("{\"language\": \"de\", \"engl").ContinueWith(_ => ModelExchange.StopAsync(), TaskScheduler.Default).Unwrap(),
            _ => exchange.SayAsync("{").ContinueWith(_ => exchange.EndAsync("content_filter"), TaskScheduler.Default).Unwrap(),
        });
        await using var os = await StartAsync(model, "model");
        var outcome = await os.SendAsync(Claims.App, German);
        AssertHandedOff(outcome);
        Assert.Equal(why, await UnreadAsync(os, outcome));
        Assert.Single(model.Exchanges);
        Assert.Empty(outcome.GetProperty("actions").EnumerateArray());
    }

    [Fact]
    public async Task A_model_that_hangs_is_waited_for_no_longer_than_its_time()
    {
        var clock = new ManualTimeProvider();
        await using var model = await ModelServer.StartAsync(exchange => exchange.HangAsync());
        await using var os = await StartAsync(model, "model", clock);
        var runId = (await os.SendAsync(Claims.App, German, wait: 0)).RunId();
        await model.Arrived;
        clock.Advance(TimeSpan.FromSeconds(300));
        var outcome = await os.RunAsync(runId);
        AssertHandedOff(outcome);
        Assert.Equal("timedOut", await UnreadAsync(os, outcome));
    }

    [Fact]
    public async Task A_model_that_no_budget_covers_or_that_nobody_configured_is_not_asked()
    {
        await using var model = await ModelServer.StartAsync(exchange => ReadAsync(exchange));
        await using var os = await StartAsync(model, "model");
        using var set = await os.Http.PutAsJsonAsync("api/budgets/reading", new { window = "day", model = "understand", limit = 0.0000001 });
        Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync());
        var outcome = await os.SendAsync(Claims.App, German);
        AssertHandedOff(outcome);
        Assert.Equal("overBudget", await UnreadAsync(os, outcome));
        Assert.Empty(model.Exchanges);

        await using var without = await StartAsync(null, "model");
        AssertHandedOff(await without.SendAsync(Claims.App, German));
    }

    [Fact]
    public async Task A_message_that_a_model_is_not_sure_of_or_takes_for_none_of_the_intents_is_out_of_scope()
    {
        await using var model = await ModelServer.StartAsync(exchange => exchange.Number == 1 ? ReadAsync(exchange, confidence: 0.2) : ReadAsync(exchange, intent: "none", evidence: ""));
        await using var os = await StartAsync(model, "model");
        foreach (var text in new[] { German, German.Replace("Küche", "Diele", StringComparison.Ordinal) })
        {
            var outcome = await os.SendAsync(Claims.App, text);
            Assert.Equal(("rejected", "outOfScope"), (outcome.Status(), outcome.GetProperty("intent").GetProperty("name").GetString()));
            Assert.Equal("off-topic", outcome.GetProperty("decision").GetProperty("rule").GetString());
        }
    }

    [Fact]
    public async Task Where_the_model_gives_nothing_the_message_is_translated_if_the_app_says_so()
    {
        await using var model = await ModelServer.StartAsync(exchange => !exchange.Asked.TryGetProperty("to", out var to) ? exchange.FailAsync(400)
            : SayAsync(exchange, JsonSerializer.Serialize(to.GetString() == "en" ? new { language = "de", text = English(Token(exchange)) } : new { language = "en", text = Reply })));
        await using var os = await StartAsync(model, "model, otherwise: translate");
        var outcome = await os.SendAsync(Claims.App, German);
        Assert.True(outcome.Status() == "completed", outcome.GetRawText());
        Assert.Equal("report-damage", outcome.GetProperty("intent").GetProperty("name").GetString());
        Assert.False(outcome.GetProperty("intent").TryGetProperty("by", out _));
        Assert.Equal("rejected", await UnreadAsync(os, outcome));
        Assert.StartsWith("Ihr Schaden ist angenommen", outcome.AnswerText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"\ud83d", @"\ude00")]
    [InlineData(@"\ud83d", "")]
    [InlineData(@"\ude00", @"\ud83d")]
    public async Task A_character_whose_halves_come_in_two_pieces_or_alone_is_no_stumbling_block(string first, string second)
    {
        await using var model = await ModelServer.StartAsync(async exchange =>
        {
            if (exchange.Asked.TryGetProperty("to", out _))
            {
                await exchange.FailAsync(400);
                return;
            }

            var answer = Answer(English(Token(exchange)) + " #", "report-damage", 0.93, "ein Fenster in meiner Küche zerschlagen");
            await exchange.SayAsync(answer[..answer.IndexOf('#', StringComparison.Ordinal)]);
            foreach (var half in new[] { first, second })
                await exchange.RawAsync($$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"{{half}}"},"finish_reason":null}]}""" + "\n\n");
            await exchange.SayAsync(answer[(answer.IndexOf('#', StringComparison.Ordinal) + 1)..]);
            await exchange.EndAsync();
        });
        await using var os = await StartAsync(model, "model");
        var outcome = await os.SendAsync(Claims.App, German);
        Assert.True(outcome.Status() == "completed", outcome.GetRawText());
        Assert.Equal("understand", outcome.GetProperty("intent").GetProperty("by").GetString());
    }

    [Fact]
    public async Task A_single_language_goes_its_own_way_and_English_and_the_others_never_to_the_model()
    {
        await using var model = await ModelServer.StartAsync(exchange => exchange.Asked.TryGetProperty("to", out _) ? exchange.FailAsync(400) : ReadAsync(exchange));
        await using var os = await StartAsync(model, "{de: model, others: handOff}");
        AssertHandedOff(await os.SendAsync(Claims.App, French));
        Assert.Equal("completed", (await os.SendAsync(Claims.App, Claims.Report(50))).Status());
        Assert.Empty(model.Exchanges);
        Assert.Equal("understand", (await os.SendAsync(Claims.App, German)).GetProperty("intent").GetProperty("by").GetString());
    }

    [Fact]
    public async Task An_evaluation_asks_the_model_only_where_it_is_told_to_and_says_what_it_cost_and_how_far_its_confidence_is_off()
    {
        await using var model = await ModelServer.StartAsync(exchange => ReadAsync(exchange));
        await using var os = await StartAsync(model, "model");
        var digest = (await os.Http.GetFromJsonAsync<JsonElement>($"api/apps/{Claims.App}")).GetProperty("planDigest").GetString()!;
        var plan = await os.Services.GetRequiredService<InstalledApps>().PlanAsync(digest, CancellationToken.None);
        EvalCase[] cases = [new(German, null, "report-damage", "allow"), new(German.Replace("Küche", "Diele", StringComparison.Ordinal).Replace("ein Fenster", "ein Fenster in meiner Küche zerschlagen", StringComparison.Ordinal), null, "claim-status", null)];
        var evaluation = os.Services.GetRequiredService<AppEvaluation>();

        var without = await evaluation.RunAsync(plan, digest, cases, ModelUse.None, null, CancellationToken.None);
        Assert.Empty(model.Exchanges);
        Assert.Equal((2, 0.0, (double?)null), (without.OtherLanguages!.Messages, without.OtherLanguages.IntentAccuracy, without.OtherLanguages.Ece));
        Assert.Null(without.Models);

        var with = await evaluation.RunAsync(plan, digest, cases, ModelUse.Configured, null, CancellationToken.None);
        Assert.Equal((2, 0.5, 0.43), (with.OtherLanguages!.Messages, with.OtherLanguages.IntentAccuracy, with.OtherLanguages.Ece));
        Assert.Equal((2, 1800L), (with.Models!.Calls, with.Models.InputTokens));
        Assert.True(with.Models.Cost > 0);
        Assert.Equal("claim-status", Assert.Single(with.Misses).ExpectedIntent);
    }

    [Fact]
    public async Task What_a_model_says_when_it_is_asked_again_after_a_crash_stands_in_the_audit_too()
    {
        await using var model = await ModelServer.StartAsync(exchange => exchange.Number == 1 ? ReadAsync(exchange) : ReadAsync(exchange, intent: "claim-status"));
        await using var os = await StartAsync(model, "model");
        var plan = await os.Services.GetRequiredService<InstalledApps>().PlanAsync((await os.Http.GetFromJsonAsync<JsonElement>($"api/apps/{Claims.App}")).GetProperty("planDigest").GetString()!, CancellationToken.None);
        var step = plan.Steps.Single(step => step.Kind == StepKind.Detect);
        var masked = await os.Services.GetRequiredService<Masking>().MaskAsync(Claims.App, German, plan.Mask, CancellationToken.None);
        var runs = os.Services.GetRequiredService<Runs>();
        foreach (var expected in new[] { "report-damage", "claim-status" })
        {
            // As the step's activity does it: the first time the process ends before the step's result is kept.
            var call = new DetectionCall(new(Claims.App, "key:test") { RunId = "claims-intake-crashed", Step = step.Id }, step.Detect!, new(masked.Text, null, Channels.Http, TimeProvider.System.GetUtcNow()), [.. plan.Fields], null,
                new AnswerJournal(runs, "claims-intake-crashed", step.Id, TimeProvider.System));
            Assert.Equal(expected, (await os.Services.GetRequiredService<Detection>().DetectAsync(call, CancellationToken.None)).Facts["intent"].GetString());
        }

        var said = (await os.Services.GetRequiredService<AuditLog>().ReadRunAsync("claims-intake-crashed", CancellationToken.None)).Where(record => record.Entry.Type == "intent.read").Select(record => record.Entry.Detail!["intent"]);
        Assert.Equal(["report-damage", "claim-status"], said);
    }

    static void AssertHandedOff(JsonElement outcome) =>
        Assert.True(outcome.TryGetProperty("handOff", out var handOff) && handOff.GetProperty("reason").GetString() == "language", outcome.GetRawText());

    static async Task<string> UnreadAsync(LocalOs os, JsonElement outcome) =>
        ModelAnswerTests.Text((await ModelAnswerTests.StepsAsync(os, outcome.RunId())).Single(step => ModelAnswerTests.Text(step, "step") == "intent").GetProperty("facts"), "unread");

    async Task<LocalOs> StartAsync(ModelServer? model, string routes, TimeProvider? clock = null)
    {
        var settings = new[] { "_UNDERSTAND_", "_TRANSLATE_" }.SelectMany(name => (model?.Settings ?? []).Select(s => (Key: s.Key.Replace("_ANSWER_", name, StringComparison.Ordinal), s.Value)))
            .ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal);
        var os = await LocalOs.StartAsync(apps.Copy(), clock, settings: settings);
        var package = AppPackage.FromFolder(Path.Combine(Repository.Root, "apps", Claims.App));
        var files = package.Files.Keys.ToDictionary(path => path, path => package.Text(path)!, StringComparer.Ordinal);
        files["app.yaml"] = files["app.yaml"].Replace("minConfidence: 0.4}", $"minConfidence: 0.4, otherLanguages: {routes}}}", StringComparison.Ordinal).Replace("version: 1.0.0", "version: 1.0.1", StringComparison.Ordinal);
        var deployed = await os.DeployAsync(Claims.App, AppPackage.FromFiles(files).ToZip());
        Assert.True(deployed.Status() == "completed", deployed.GetRawText());
        return os;
    }

    static string English(string account) =>
        $"On 04.03.2026 a storm broke a window in my kitchen. The glazier's bill for the damage is 240.50 EUR. My policy is PC-204518, please pay to {account}.";

    static string Token(ModelExchange exchange)
    {
        var text = exchange.Asked.GetProperty("text").GetString()!;
        var from = text.IndexOf("[iban:", StringComparison.Ordinal);
        return text[from..(text.IndexOf(']', from) + 1)];
    }

    static Task ReadAsync(ModelExchange exchange, string intent = "report-damage", double confidence = 0.93, string evidence = "ein Fenster in meiner Küche zerschlagen", string? english = null) =>
        SayAsync(exchange, Answer(english ?? English(Token(exchange)), intent, confidence, evidence));

    static string Answer(string english, string intent, double confidence, string evidence) => JsonSerializer.Serialize(new
    {
        language = "de",
        english,
        intent,
        evidence,
        confidence,
        fields = new
        {
            amount = new { quote = "240,50 Euro", value = "240.50 EUR" },
            date = new { quote = "am 04.03.2026", value = "2026-03-04" },
        },
    });

    static async Task SayAsync(ModelExchange exchange, string text)
    {
        await exchange.SayAsync(text);
        await exchange.EndAsync();
    }
}
