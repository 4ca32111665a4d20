using System.Net;
using System.Text.Json;
using AiOs.Security;

namespace AiOs.Tests.Gateway;

/// <summary>OpenAI's API on the front door.</summary>
public sealed class ChatEndpointTests
{
    [Fact]
    public async Task A_chat_passes_through_under_the_logical_name_and_its_parameters_reach_the_model()
    {
        await using var upstream = await Upstream.SayingAsync("Eight euros.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        using var client = await os.ClientAsync();
        using var response = await os.AskAsync(more: new { temperature = 0.25, a_parameter_of_tomorrow = new[] { 1, 2 } }, client: client);
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.OK, "support", "Eight euros."), (response.StatusCode, body.GetProperty("model").GetString(), body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()));
        Assert.Equal("main", response.Headers.GetValues("x-aios-deployment").Single());
        var asked = Assert.Single(upstream.Asked);
        Assert.Equal(("upstream-model", 0.25, 2, 4096), (asked.GetProperty("model").GetString(), asked.GetProperty("temperature").GetDouble(), asked.GetProperty("a_parameter_of_tomorrow")[1].GetInt32(), asked.GetProperty("max_completion_tokens").GetInt32()));
    }

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "Hi"}]}""", 400, "model")]
    [InlineData("""{"model": "support"}""", 400, "messages")]
    [InlineData("""{"model": "support", "messages": []}""", 400, "messages")]
    [InlineData("""{"model": "support", "messages": [{"content": "Hi"}]}""", 400, "messages[0].role")]
    [InlineData("""{"model": "support", "messages": [{"role": "user", "content": "Hi"}], "stream": "yes"}""", 400, "stream")]
    [InlineData("""{"model": "support", "messages": [{"role": "user", "content": "Hi"}], "stream_options": {"include_usage": true}}""", 400, "stream_options")]
    [InlineData("""{"model": "support", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100000}""", 400, "max_tokens")]
    [InlineData("""{"model": "support", "model": "support", "messages": [{"role": "user", "content": "Hi"}]}""", 400, "model")]
    [InlineData("""{"model": "nobody", "messages": [{"role": "user", "content": "Hi"}]}""", 404, "model")]
    [InlineData("""{"model": "support", "messages": [{"role": "user", "content": "\ud800 12"}]}""", 400, "$")]
    [InlineData("""{"model": "support", "messages": """, 400, "$")]
    public async Task A_request_without_the_form_is_refused_in_the_protocols_own_words(string json, int status, string param)
    {
        await using var upstream = await Upstream.SayingAsync("Never.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await os.Http.PostAsync("v1/chat/completions", content);
        var error = await GatewayOs.ErrorAsync(response);
        Assert.Equal((status, param, "invalid_request_error"), ((int)response.StatusCode, error.GetProperty("param").GetString(), error.GetProperty("type").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Empty(upstream.Asked);
    }

    [Theory]
    [InlineData("{\"model\": \"support\", \"messages\": [", "not valid JSON at line 1")]
    [InlineData("{\"metadata\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested deeper")]
    public async Task A_body_that_is_cut_off_is_not_called_too_deep(string json, string says)
    {
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", "name: main, url: http://127.0.0.1:9/v1"));
        using var response = await os.Http.PostAsync("v1/chat/completions", Json(json));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(says, (await GatewayOs.ErrorAsync(response)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_no_key_or_no_right_or_the_wrong_method_is_told_so_in_the_protocols_own_form()
    {
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", "name: main, url: http://127.0.0.1:9"));
        using var stranger = os.Os.Client("aios_nobody");
        using var unknown = await stranger.GetAsync("v1/models");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_api_key"), (unknown.StatusCode, (await GatewayOs.ErrorAsync(unknown)).GetProperty("code").GetString()));
        using var adjuster = await os.Os.ClientOfAsync(Role.Adjuster);
        using var forbidden = await adjuster.GetAsync("v1/models");
        Assert.Equal((HttpStatusCode.Forbidden, "permission_error"), (forbidden.StatusCode, (await GatewayOs.ErrorAsync(forbidden)).GetProperty("type").GetString()));
        using var wrong = await os.Http.DeleteAsync("v1/models");
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "invalid_request_error"), (wrong.StatusCode, (await GatewayOs.ErrorAsync(wrong)).GetProperty("type").GetString()));
    }

    [Fact]
    public async Task What_is_personal_leaves_as_a_token_and_comes_back_as_it_was_also_in_pieces()
    {
        await using var upstream = await Upstream.StartAsync((context, asked) => Upstream.SayAsync(context, asked, "I write to " + asked.GetProperty("messages")[0].GetProperty("content").GetString()!.Split(' ')[^1] + " now."));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        const string Question = "Please write to ada.lovelace@analytical.example";
        Assert.Equal("I write to ada.lovelace@analytical.example now.", await os.SaidAsync(Question));
        Assert.Equal("I write to ada.lovelace@analytical.example now.", string.Concat(await PiecesAsync(await os.AskAsync(Question, new { stream = true }))));
        Assert.All(upstream.Asked, asked => Assert.DoesNotContain("ada.lovelace", asked.GetRawText(), StringComparison.Ordinal));
        Assert.All(upstream.Asked, asked => Assert.Matches(@"\[email:[a-z2-7]{26}\]", asked.GetProperty("messages")[0].GetProperty("content").GetString()!));
    }

    [Fact]
    public async Task A_token_that_a_caller_sends_reveals_nothing()
    {
        await using var upstream = await Upstream.StartAsync((context, asked) => Upstream.SayAsync(context, asked, asked.GetProperty("messages")[0].GetProperty("content").GetString()!));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        await os.SaidAsync("ada.lovelace@analytical.example");
        var token = upstream.Asked.Single().GetProperty("messages")[0].GetProperty("content").GetString()!;
        Assert.DoesNotContain("lovelace", await os.SaidAsync("Whose is " + token + "?"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_ends_with_done_and_tells_the_usage_only_to_who_asks_for_it()
    {
        await using var upstream = await Upstream.SayingAsync("Eight euros and no cent more.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}"));
        var plain = await EventsAsync(await os.AskAsync(more: new { stream = true }));
        Assert.Equal("[DONE]", plain[^1]);
        Assert.DoesNotContain(plain, data => data.Contains("prompt_tokens", StringComparison.Ordinal));
        Assert.All(plain[..^1], data => Assert.Equal("support", JsonElement.Parse(data).GetProperty("model").GetString()));
        var counted = await EventsAsync(await os.AskAsync(more: new { stream = true, stream_options = new { include_usage = true } }));
        Assert.Equal(15, JsonElement.Parse(counted[^2]).GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.True(upstream.Asked.First().GetProperty("stream_options").GetProperty("include_usage").GetBoolean());
    }

    [Fact]
    public async Task Vectors_come_from_the_encoder_as_numbers_or_as_base64()
    {
        await using var os = await GatewayOs.StartAsync("models:\n  sentences:\n    kind: embeddings\n    deployments: [{name: here, backend: encoder}]\n");
        using var numbers = await os.Http.PostAsync("v1/embeddings", Json("""{"model": "sentences", "input": ["How are you?", "Where is my card?"]}"""));
        var data = JsonElement.Parse(await numbers.Content.ReadAsStringAsync()).GetProperty("data");
        Assert.Equal((2, 512), (data.GetArrayLength(), data[1].GetProperty("embedding").GetArrayLength()));
        using var packed = await os.Http.PostAsync("v1/embeddings", Json("""{"model": "sentences", "input": "How are you?", "encoding_format": "base64"}"""));
        var bytes = JsonElement.Parse(await packed.Content.ReadAsStringAsync()).GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(data[0].GetProperty("embedding")[7].GetSingle(), BitConverter.ToSingle(bytes, 28));
        using var tokens = await os.Http.PostAsync("v1/embeddings", Json("""{"model": "sentences", "input": [1, 2]}"""));
        Assert.Equal("input", (await GatewayOs.ErrorAsync(tokens)).GetProperty("param").GetString());
        using var chat = await os.Http.PostAsync("v1/chat/completions", Json("""{"model": "sentences", "messages": [{"role": "user", "content": "Hi"}]}"""));
        Assert.Equal("model", (await GatewayOs.ErrorAsync(chat)).GetProperty("param").GetString());
    }

    internal static StringContent Json(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    internal static async Task<List<string>> EventsAsync(HttpResponseMessage response)
    {
        using (response)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return [.. (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..])];
        }
    }

    internal static async Task<IEnumerable<string>> PiecesAsync(HttpResponseMessage response) => (await EventsAsync(response)).Where(data => data.StartsWith('{'))
        .Select(data => JsonElement.Parse(data).GetProperty("choices")).Where(choices => choices.GetArrayLength() > 0)
        .Select(choices => choices[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() ?? "" : "");
}
