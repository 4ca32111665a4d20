using System.Text.Json;

namespace AiOs.Tests.Models;

/// <summary>Whatever a model's endpoint does, the customer gets a good answer, and the run says what happened and what it cost.</summary>
public sealed class ModelFailureTests(DeployedApps apps)
{
    async Task<(JsonElement Outcome, int Requests)> SendAsync(Func<ModelExchange, Task> answer)
    {
        await using var model = await ModelServer.StartAsync(answer);
        await using var os = await apps.StartAsync(settings: model.Settings);
        return (await os.SendAsync(LostCard.App, LostCard.Question), model.Exchanges.Count);
    }

    [Fact]
    public async Task Too_many_requests_are_repeated_when_the_endpoint_says_so_and_not_before()
    {
        var clock = new ManualTimeProvider();
        await using var model = await ModelServer.StartAsync(exchange => exchange.Number == 1 ? exchange.FailAsync(429, header: ("retry-after", "2")) : exchange.AnswerAsync(LostCard.PriceSentence), clock);
        await using var os = await apps.StartAsync(clock, settings: model.Settings);
        var runId = (await os.SendAsync(LostCard.App, LostCard.Question, wait: 0)).RunId();
        await ArrivalsTests.UntilAsync(async () => (await ModelAnswerTests.StepsAsync(os, runId)).Exists(step => ModelAnswerTests.Text(step, "outcome") == "throttled"));
        await ArrivalsTests.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(model.Exchanges.Count == 2);
        });

        var outcome = await os.RunAsync(runId);
        Assert.Equal(("generated", 2), (outcome.Origin().GetProperty("source").GetString(), outcome.Origin().GetProperty("calls").GetInt32()));
        Assert.Equal(900, outcome.Origin().GetProperty("usage").GetProperty("inputTokens").GetInt32());   // what was turned away cost nothing
        Assert.True(model.Exchanges.Last().At - model.Exchanges.First().At >= TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Too_many_requests_for_longer_than_the_deadline_end_in_the_sources_at_once()
    {
        var (outcome, requests) = await SendAsync(exchange => exchange.FailAsync(429, header: ("retry-after", "3600")));
        outcome.AssertExtractive("throttled");
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task A_server_that_fails_is_asked_three_times()
    {
        var (outcome, requests) = await SendAsync(exchange => exchange.FailAsync(500));
        outcome.AssertExtractive("unavailable");
        Assert.Equal(3, requests);
        Assert.Equal(0, outcome.Origin().GetProperty("usage").GetProperty("inputTokens").GetInt32());
    }

    [Fact]
    public async Task A_server_that_fails_once_answers_the_second_time()
    {
        var (outcome, _) = await SendAsync(exchange => exchange.Number == 1 ? exchange.FailAsync(500) : exchange.AnswerAsync(LostCard.PriceSentence));
        Assert.Equal("generated", outcome.Origin().GetProperty("source").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_hangs_costs_no_more_than_the_deadline(bool afterASentence)
    {
        var clock = new ManualTimeProvider();
        await using var model = await ModelServer.StartAsync(async exchange =>
        {
            if (afterASentence) await exchange.SayAsync("{\"sentences\": [" + JsonSerializer.Serialize(LostCard.PriceSentence) + ", ");
            await exchange.HangAsync();
        });
        await using var os = await apps.StartAsync(clock, settings: model.Settings);
        var runId = (await os.SendAsync(LostCard.App, LostCard.Question, wait: 0)).RunId();
        await model.Arrived;
        if (afterASentence) await SentenceAsync(os, runId);
        clock.Advance(TimeSpan.FromSeconds(300));

        var outcome = await os.RunAsync(runId);
        Assert.True(outcome.Origin().GetProperty("usage").GetProperty("estimated").GetBoolean());
        Assert.True(outcome.Origin().GetProperty("usage").GetProperty("cost").GetDecimal() > 0);
        if (afterASentence) AssertHalf(outcome, "timedOut");
        else outcome.AssertExtractive("timedOut");
    }

    [Fact]
    public async Task Of_half_a_stream_the_verified_half_stays()
    {
        var verified = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);   // what a broken connection still held would be lost
        await using var model = await ModelServer.StartAsync(async exchange =>
        {
            await exchange.SayAsync("{\"sentences\": [" + JsonSerializer.Serialize(LostCard.PriceSentence) + ", {\"text\": \"Delivery ta");
            await verified.Task;
            exchange.Cut();
        });
        await using var os = await apps.StartAsync(settings: model.Settings);
        var runId = (await os.SendAsync(LostCard.App, LostCard.Question, wait: 0)).RunId();
        await SentenceAsync(os, runId);
        verified.SetResult();

        var outcome = await os.RunAsync(runId);
        AssertHalf(outcome, "broken");
        Assert.Single(model.Exchanges);
        var usage = outcome.Origin().GetProperty("usage");
        Assert.True(usage.GetProperty("estimated").GetBoolean() && usage.GetProperty("outputTokens").GetInt32() > 20 && usage.GetProperty("inputTokens").GetInt32() > 100, usage.GetRawText());
    }

    [Fact]
    public async Task A_stream_that_ends_politely_without_its_end_is_half_a_stream_too()
    {
        var (outcome, _) = await SendAsync(async exchange =>
        {
            await exchange.SayAsync("{\"sentences\": [" + JsonSerializer.Serialize(LostCard.PriceSentence));
            await exchange.RawAsync("data: [DONE]\n\n");
        });
        AssertHalf(outcome, "broken");
    }

    [Fact]
    public async Task Half_a_stream_with_nothing_verified_ends_in_the_sources()
    {
        var (outcome, requests) = await SendAsync(async exchange =>
        {
            await exchange.SayAsync("{\"sentences\": [{\"text\": \"Deliv");
            await ModelExchange.StopAsync();
        });
        outcome.AssertExtractive("broken");
        Assert.Equal(1, requests);   // it was paid for; it is not bought twice
    }

    [Fact]
    public async Task An_answer_that_is_cut_off_keeps_what_was_verified()
    {
        var (outcome, _) = await SendAsync(async exchange =>
        {
            await exchange.SayAsync("{\"sentences\": [" + JsonSerializer.Serialize(LostCard.PriceSentence) + ", {\"text\": \"Del");
            await exchange.EndAsync("length");
        });
        AssertHalf(outcome, "cutOff");
        Assert.Equal(60, outcome.Origin().GetProperty("usage").GetProperty("outputTokens").GetInt32());
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "refused", "refusal" },
        { "filtered", "filter while answering" },
        { "filtered", "filter of the question" },
        { "rejected", "bad key" },
        { "rejected", "redirect" },
        { "malformed", "prose" },
        { "unsupported", "invention" },
        { "broken", "page" },
        { "broken", "nonsense" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task A_refusal_a_filter_or_nonsense_ends_in_the_sources(string reason, string what)
    {
        var (outcome, requests) = await SendAsync(exchange => what switch
        {
            "refusal" => RefuseAsync(exchange),
            "filter while answering" => exchange.EndAsync("content_filter"),
            "filter of the question" => exchange.FailAsync(400, new { code = "content_filter", message = "The prompt was filtered." }),
            "bad key" => exchange.FailAsync(401),
            "redirect" => exchange.FailAsync(307, header: ("location", "/v1/elsewhere")),
            "prose" => ProseAsync(exchange),
            "invention" => exchange.AnswerAsync(LostCard.Sentence("Cards are free.", "Cards are free for all.")),
            "page" => exchange.RawAsync("<html><body>Welcome to the proxy.</body></html>"),
            _ => exchange.RawAsync("data: {\"choices\": 7}\n\ndata: {{{\n\n"),
        });
        outcome.AssertExtractive(reason);
        Assert.Equal(1, requests);

        static async Task RefuseAsync(ModelExchange exchange)
        {
            await exchange.SendAsync(new { role = "assistant", refusal = "I cannot help with that." }, null);
            await exchange.EndAsync();
        }

        static async Task ProseAsync(ModelExchange exchange)
        {
            await exchange.SayAsync("Sure! A replacement costs nothing at all.");
            await exchange.EndAsync();
        }
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_ends_in_the_sources()
    {
        Dictionary<string, string?> settings;
        await using (var model = await ModelServer.StartAsync(exchange => exchange.AnswerAsync())) settings = model.Settings;
        await using var os = await apps.StartAsync(settings: settings);
        (await os.SendAsync(LostCard.App, LostCard.Question)).AssertExtractive("unavailable");
    }

    [Fact]
    public async Task An_answer_that_a_restart_interrupts_keeps_what_was_said_and_is_not_bought_twice()
    {
        var data = apps.Copy();
        await using var model = await ModelServer.StartAsync(async exchange =>
        {
            await exchange.SayAsync("{\"sentences\": [" + JsonSerializer.Serialize(LostCard.PriceSentence) + ", ");
            await exchange.HangAsync();
        });
        string runId;
        await using (var os = await LocalOs.StartAsync(data, settings: model.Settings))
        {
            runId = (await os.SendAsync(LostCard.App, LostCard.Question, wait: 0)).RunId();
            await SentenceAsync(os, runId);
        }

        await using var again = await LocalOs.StartAsync(data, settings: model.Settings);
        var outcome = await again.RunAsync(runId);
        AssertHalf(outcome, "interrupted");
        Assert.Single(model.Exchanges);
        Assert.True(outcome.Origin().GetProperty("usage").GetProperty("cost").GetDecimal() > 0);
    }

    static Task SentenceAsync(LocalOs os, string runId) =>
        ArrivalsTests.UntilAsync(async () => (await ModelAnswerTests.StepsAsync(os, runId)).Exists(step => ModelAnswerTests.Text(step, "kind") == "sentence"));

    static void AssertHalf(JsonElement outcome, string reason)
    {
        Assert.Equal("completed", outcome.Status());
        Assert.EndsWith(LostCard.Price, outcome.AnswerText(), StringComparison.Ordinal);
        Assert.Equal(("generated", reason), (outcome.Origin().GetProperty("source").GetString(), outcome.Origin().GetProperty("reason").GetString()));
        outcome.AssertCitationsStand();
    }
}
