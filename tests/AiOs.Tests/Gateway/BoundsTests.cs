using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Gateway;

/// <summary>What costs, privacy and answers rest on holds for requests and replies of unusual forms, too.</summary>
public sealed class BoundsTests
{
    [Fact]
    public async Task The_longest_answer_is_bound_whichever_way_a_request_says_it()
    {
        await using var upstream = await Upstream.SayingAsync("Yes.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("maxTokens: 100", $"name: main, url: {upstream.Url}"));
        using var both = await os.AskAsync(more: new { max_tokens = 5_000, max_completion_tokens = 1 });
        Assert.Equal(HttpStatusCode.BadRequest, both.StatusCode);
        await os.SaidAsync(more: new { max_completion_tokens = (int?)null });
        var asked = Assert.Single(upstream.Asked);
        Assert.Equal(100, asked.EnumerateObject().Single(member => member.Name == "max_completion_tokens").Value.GetInt32());
    }

    [Fact]
    public async Task What_is_set_aside_covers_the_tokens_that_stand_for_what_is_personal()
    {
        await using var upstream = await Upstream.SayingAsync("Yes.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        var json = $$"""{"model":"support","messages":[{"role":"user","content":"{{string.Join(' ', Enumerable.Range(10, 30).Select(i => $"a{i}@b.co"))}}"}]}""";
        var request = WireRequest.Parse(Encoding.UTF8.GetBytes(json), CallKind.Chat);
        await request.MaskAsync(os.Os.Services.GetRequiredService<Masking>(), "-", TestContext.Current.CancellationToken);
        Assert.True(request.Masked.Length > json.Length);
        Assert.True(request.Length >= request.Masked.Length, $"{request.Length} bytes are paid for, {request.Masked.Length} are sent.");
    }

    [Fact]
    public async Task A_hedge_that_finds_no_place_leaves_the_first_attempt_alone()
    {
        var clock = new ManualTimeProvider();
        using var go = new SemaphoreSlim(0);
        await using var upstream = await Upstream.StartAsync(async (context, asked) =>
        {
            await go.WaitAsync(context.RequestAborted);
            await Upstream.SayAsync(context, asked, "From the first.");
        });
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}, hedgeAfter: 20ms, retries: 0, concurrency: 1, queue: 0"), clock);
        var asked = os.SaidAsync();
        await ArrivalsTests.UntilAsync(() => Task.FromResult(upstream.UnderWay == 1));
        await clock.TimerAsync(TimeSpan.FromMilliseconds(20));
        clock.Advance(TimeSpan.FromMilliseconds(20));
        go.Release();
        Assert.Equal("From the first.", await asked);
    }

    [Fact]
    public async Task A_question_about_one_person_is_never_answered_with_what_was_said_of_another()
    {
        await using var upstream = await Upstream.SayingAsync("Eight euros.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("cache: {keep: 10m, use: always, likeness: 0.6}", $"name: main, url: {upstream.Url}"));
        await os.SaidAsync("How much does ada@example.com owe us for the replacement card?");
        using var other = await os.AskAsync("How much does bob@example.com owe us for the replacement card?");
        Assert.False(other.Headers.Contains("x-aios-answer"));
        using var same = await os.AskAsync("How much does ada@example.com owe us for the replacement card?");
        Assert.Equal("cached", same.Headers.GetValues("x-aios-answer").Single());
    }

    [Theory]
    [InlineData("data: write to ada@example.com")]
    [InlineData("data:text/plain,ada@example.com")]
    [InlineData("data:text/plain;base64,ada@example.com")]
    public async Task Only_the_bytes_of_a_file_pass_unmasked(string url)
    {
        await using var upstream = await Upstream.SayingAsync("Yes.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        const string File = "data:image/png;base64,iVBORw0KGgo1234567890AAAA==";
        await os.SaidAsync(more: new { metadata = new { url, image = new { url = File } } });
        var asked = Assert.Single(upstream.Asked);
        Assert.DoesNotContain("ada@example.com", asked.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(File, asked.GetProperty("metadata").GetProperty("image").GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_card_number_that_is_a_number_leaves_as_a_token_and_is_captured_as_one()
    {
        await using var upstream = await Upstream.SayingAsync("Yes.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        await os.SaidAsync(more: new { metadata = new { card = 4111111111111111, order = 1234567890123, seed = 4111 } });
        var asked = Assert.Single(upstream.Asked).GetProperty("metadata");
        Assert.StartsWith("[card:", asked.GetProperty("card").GetString(), StringComparison.Ordinal);
        Assert.Equal((1234567890123, 4111), (asked.GetProperty("order").GetInt64(), asked.GetProperty("seed").GetInt32()));
        var id = (await os.Http.GetFromJsonAsync<JsonElement>("api/captures?top=1")).GetProperty("captures")[0].GetProperty("id").GetString();
        var capture = await os.Http.GetStringAsync($"api/captures/{id}");
        Assert.DoesNotContain("4111111111111111", capture, StringComparison.Ordinal);
        Assert.Contains("[card:", capture, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://images.example/damage.jpg")]
    [InlineData("data:image/png;base64,iVBORw0KGgo=")]
    public async Task For_each_image_the_most_that_it_can_cost_is_set_aside_wherever_it_is(string url)
    {
        await using var upstream = await Upstream.SayingAsync("A dent.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("imageTokens: 2000\nmaxTokens: 100", $"name: main, url: {upstream.Url}, prices: {{input: 100, output: 0}}"));   // a thousand tokens cost 0.1
        using var set = await os.Http.PutAsJsonAsync("api/budgets/support", new { window = "day", model = "support", limit = 0.35 });
        set.EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, await ShowAsync(1));
        Assert.Equal(HttpStatusCode.TooManyRequests, await ShowAsync(2));
        Assert.Single(upstream.Asked);

        async Task<HttpStatusCode> ShowAsync(int images)
        {
            var parts = Enumerable.Range(0, images).Select(_ => new { type = "image_url", image_url = new { url } });
            using var response = await os.Http.PostAsJsonAsync("v1/chat/completions", new { model = "support", messages = new[] { new { role = "user", content = parts } } });
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_piece_of_an_answer_with_a_member_twice_breaks_the_answer_and_nothing_else()
    {
        await using var upstream = await Upstream.StartAsync(async (context, _) =>
        {
            await Upstream.EventAsync(context, Upstream.Piece("First.", null));
            await Upstream.EventAsync(context, """{"choices":[{"index":0,"delta":{"content":"one","content":"two"}}]}""");
            await Upstream.EventAsync(context, Upstream.Piece(null, "stop"));
            await Upstream.EventAsync(context, "[DONE]");
        });
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        using var response = await os.AskAsync("What does ada@example.com owe us?", new { stream = true });
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("First.", text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"broken\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.Contains("First.", await (await os.AskAsync("And what now?", new { stream = true })).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_of_a_tools_arguments_is_told_also_where_it_looks_like_the_beginning_of_a_token()
    {
        var pieces = new StreamRestoration(new Restoration(new Dictionary<string, string>(StringComparer.Ordinal) { ["[email:aaaaaaaaaaaaaaaaaaaaaaaaaaaa]"] = "ada@example.com" }));
        string[] came =
        [
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":"{\"t\":\"a[b\"}"}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
        ];
        var arguments = string.Concat(came.SelectMany(piece => pieces.Take(Encoding.UTF8.GetBytes(piece)).ToList())
            .SelectMany(piece => JsonElement.Parse(piece.Span).GetProperty("choices").EnumerateArray().ToList())
            .SelectMany(choice => choice.GetProperty("delta").TryGetProperty("tool_calls", out var calls) ? calls.EnumerateArray().ToList() : [])
            .Select(call => call.GetProperty("function").GetProperty("arguments").GetString()));
        Assert.Equal("""{"t":"a[b"}""", arguments);
    }

    [Fact]
    public async Task Vectors_of_something_else_than_numbers_are_the_endpoints_fault()
    {
        await using var upstream = await Upstream.StartAsync((context, _) => context.Response.WriteAsync("""{"data":[{"index":0,"embedding":[1e999,0.5]}]}"""));
        await using var os = await GatewayOs.StartAsync($$"""
            models:
              vectors:
                kind: embeddings
                deployments:
                  - {name: main, backend: openai, url: {{upstream.Url}}, model: m, retries: 0}
            """);
        using var response = await os.Http.PostAsJsonAsync("v1/embeddings", new { model = "vectors", input = "one" });
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }
}
