using System.Net;
using System.Net.Http.Json;

namespace AiOs.Tests.Gateway;

/// <summary>Who answers for a model: champions, canaries, shadows, caches.</summary>
public sealed class RoutingTests
{
    [Fact]
    public async Task A_canary_gets_its_share_of_the_conversations_and_a_conversation_keeps_its_deployment()
    {
        await using var champion = await Upstream.SayingAsync("champion");
        await using var canary = await Upstream.SayingAsync("canary");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: champion, url: {champion.Url}", $"name: canary, role: canary, share: 0.25, url: {canary.Url}"));
        var first = await AllAsync();
        Assert.Equal(first, await AllAsync());
        Assert.InRange(first.Count(words => words == "canary"), 20, 80);   // of 200, 50 are expected; beyond five standard deviations
        Assert.Equal(2 * first.Count(words => words == "canary"), canary.Asked.Count);

        Task<string[]> AllAsync() => Task.WhenAll(Enumerable.Range(0, 200).Select(i => os.SaidAsync(headers: ("x-aios-conversation", $"conversation {i}"))));
    }

    [Fact]
    public async Task A_canary_that_fails_leaves_its_conversations_to_the_champion()
    {
        await using var champion = await Upstream.SayingAsync("champion");
        await using var canary = await Upstream.FailingAsync(500);
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: champion, url: {champion.Url}", $"name: canary, role: canary, share: 1, retries: 0, url: {canary.Url}"));
        Assert.Equal("champion", await os.SaidAsync());
        Assert.Single(canary.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shadow_is_asked_the_same_and_seen_by_nobody(bool fails)
    {
        await using var champion = await Upstream.SayingAsync("champion");
        await using var shadow = await Upstream.StartAsync((context, asked) => fails ? Upstream.FailAsync(context, 500) : Upstream.SayAsync(context, asked, "shadow"));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: champion, url: {champion.Url}", $"name: other, role: shadow, retries: 0, url: {shadow.Url}"));
        using var response = await os.AskAsync();
        Assert.DoesNotContain("shadow", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("champion", response.Headers.GetValues("x-aios-deployment").Single());
        await ArrivalsTests.UntilAsync(() => Task.FromResult(shadow.Asked.Count == 1));
        Assert.Equal(champion.Asked.Single().GetProperty("messages").GetRawText(), shadow.Asked.Single().GetProperty("messages").GetRawText());
    }

    [Fact]
    public async Task A_shadow_that_hangs_delays_nobody()
    {
        await using var champion = await Upstream.SayingAsync("champion");
        await using var shadow = await Upstream.StartAsync((context, _) => Upstream.HangAsync(context));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: champion, url: {champion.Url}", $"name: other, role: shadow, url: {shadow.Url}"));
        for (var i = 0; i < 5; i++)
            Assert.Equal("champion", await os.SaidAsync());
    }

    [Fact]
    public async Task What_is_kept_answers_the_same_principal_alone_and_never_for_what_is_sensitive()
    {
        var broken = false;
        await using var upstream = await Upstream.StartAsync((context, asked) => broken ? Upstream.FailAsync(context, 500) : Upstream.SayAsync(context, asked, "Eight euros."));
        var clock = new ManualTimeProvider();
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("cache: {keep: 10m}", $"name: main, url: {upstream.Url}, retries: 0, breaker: {{calls: 1000}}"), clock);
        using var ada = await os.ClientAsync();
        using var eve = await os.ClientAsync();
        await os.SaidAsync("What does it cost?", client: ada);
        await os.SaidAsync("My secret question?", client: ada, headers: ("x-aios-sensitive", "true"));
        broken = true;

        using var kept = await os.AskAsync("What does it cost?", client: ada);
        Assert.Equal("cached", kept.Headers.GetValues("x-aios-answer").Single());
        Assert.Equal("cached", (await os.Http.GetFromJsonAsync<System.Text.Json.JsonElement>("api/captures?top=1")).GetProperty("captures")[0].GetProperty("end").GetString());
        Assert.Contains("Eight euros.", await kept.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("Eight euros.", string.Concat(await ChatEndpointTests.PiecesAsync(await os.AskAsync("What does it cost?", new { stream = true }, ada))));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("What does it cost?", eve));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("My secret question?", ada));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("What does it cost?", ada, new { temperature = 1 }));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("What does it cost?", ada, null, ("x-aios-sensitive", "true")));
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("What does it cost?", ada));

        async Task<HttpStatusCode> StatusAsync(string question, HttpClient client, object? more = null, params (string, string)[] headers)
        {
            using var response = await os.AskAsync(question, more, client, headers);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_question_of_nearly_the_same_meaning_gets_the_kept_answer_where_the_operator_says_so()
    {
        await using var upstream = await Upstream.SayingAsync("Eight euros.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("cache: {keep: 10m, use: always, likeness: 0.8}", $"name: main, url: {upstream.Url}"));
        await os.SaidAsync("How much does a replacement card cost?");
        using var like = await os.AskAsync("How much does a replacement card cost me?");
        Assert.Equal("cached-by-meaning", like.Headers.GetValues("x-aios-answer").Single());
        using var unlike = await os.AskAsync("When does the branch in Berlin open on Saturdays?");
        Assert.False(unlike.Headers.Contains("x-aios-answer"));
        using var exact = await os.AskAsync("How much does a replacement card cost?");
        Assert.Equal("cached", exact.Headers.GetValues("x-aios-answer").Single());
        Assert.Equal(2, upstream.Asked.Count);
    }

    [Fact]
    public async Task A_file_that_makes_no_sense_stops_the_start_with_every_problem_its_place_and_what_to_write()
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => GatewayOs.StartAsync("""
            models:
              Support:
                timeout: 5 minutes
                deployments:
                  - {name: main, backend: openai, url: http://models.example/v1, model: m, shar: 0.1}
                  - {name: main, role: canary, backend: opneai, url: https://models.example/v1, model: m, share: 2}
            """));
        foreach (var says in new[] { ":2:3:", ":3:14:", "`timeout` is a duration", "http only on this machine", "has no `shar`", "Write: share", "Write: openai", "from 0 to 1", "Two deployments are named `main`" })
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_was_written_where_its_name_belongs_is_not_repeated()
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => GatewayOs.StartAsync(GatewayOs.Models("", "name: main, url: https://models.example/v1, secret: sk-Proj_4242")));
        Assert.Contains("`secret` is not the name of a secret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("4242", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_file_is_in_force_without_a_restart_and_one_that_makes_no_sense_changes_nothing()
    {
        var clock = new ManualTimeProvider();
        await using var first = await Upstream.SayingAsync("first");
        await using var second = await Upstream.SayingAsync("second");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {first.Url}"), clock);
        Assert.Equal("first", await os.SaidAsync());
        os.Change("models: {support: {deployments: []}}");
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("first", await os.SaidAsync());
        os.Change(GatewayOs.Models("", $"name: main, url: {second.Url}"));
        await ArrivalsTests.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(6));
            return await os.SaidAsync() == "second";
        });
    }

    [Fact]
    public async Task The_schema_for_editors_knows_the_keys_that_the_reader_knows()
    {
        var model = System.Text.Json.JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "models.schema.json"))).GetProperty("properties").GetProperty("models").GetProperty("additionalProperties").GetProperty("properties");
        var deployment = model.GetProperty("deployments").GetProperty("items").GetProperty("properties");
        var error = await Assert.ThrowsAsync<FormatException>(() => GatewayOs.StartAsync("models: {a: {zzz: 1, cache: {zzz: 1}, deployments: [{zzz: 1, prices: {zzz: 1}, breaker: {zzz: 1}}]}}"));
        foreach (var (what, keys) in new[] { ("The model `a`", model), ("`cache`", model.GetProperty("cache").GetProperty("properties")), ("A deployment", deployment), ("`prices`", deployment.GetProperty("prices").GetProperty("properties")), ("`breaker`", deployment.GetProperty("breaker").GetProperty("properties")) })
        {
            var says = error.Message.Split('\n').Single(line => line.Contains(what + " has no `zzz`", StringComparison.Ordinal));
            var known = says[(says.IndexOf("It may have: ", StringComparison.Ordinal) + 13)..].Split('.')[0].Split(", ");
            Assert.Equal(known.Order(StringComparer.Ordinal), keys.EnumerateObject().Select(key => key.Name).Order(StringComparer.Ordinal));
        }
    }
}
