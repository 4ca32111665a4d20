using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AiOs.Tests.Gateway;

/// <summary>What callers and servers may get wrong about tensors, and what is personal in numbers and long texts.</summary>
public sealed class TensorBoundsTests
{
    const string Card = "4111111111111111", Said = """{"model_version": "1", "outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [1]}]}""";
    const string Row = """{"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}""";

    static Task<Upstream> SayingAsync(string said) => Upstream.StartAsync((context, _) => context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(said)).AsTask());

    static Task<GatewayOs> StartAsync(Upstream endpoint, string more = "") => GatewayOs.StartAsync($"models:\n  fraud:\n    kind: tensors\n    deployments: [{{name: main, backend: inference, url: {endpoint.Url}, model: fraud{more}}}]\n");

    static Task<HttpResponseMessage> AskAsync(GatewayOs os, string body) => os.Http.PostAsync("api/models/fraud/infer", ChatEndpointTests.Json(body));

    static async Task<string> CaptureAsync(GatewayOs os) =>
        await os.Http.GetStringAsync($"api/captures/{(await os.Http.GetFromJsonAsync<JsonElement>("api/captures?top=1")).GetProperty("captures")[0].GetProperty("id").GetString()}");

    [Theory]
    [InlineData("")]
    [InlineData("data:;base64,")]
    public async Task A_long_text_without_spaces_among_the_data_is_masked(string before)
    {
        await using var endpoint = await SayingAsync(Said);
        await using var os = await StartAsync(endpoint);
        var text = string.Create(CultureInfo.InvariantCulture, $"{before}customer=4711/card={Card}/{new string('x', 250)}");
        using var response = await AskAsync(os, $$"""{"inputs": [{"name": "t", "datatype": "BYTES", "shape": [1], "data": ["{{text}}"]}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(Card, await CaptureAsync(os), StringComparison.Ordinal);
        Assert.DoesNotContain(Card, endpoint.Asked.Single().GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_chat_the_bytes_of_files_leave_as_they_are_and_other_members_of_their_names_are_masked()
    {
        await using var endpoint = await Upstream.SayingAsync("Seen.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: '{endpoint.Url}'"));
        var bytes = $"customer/4711/card/{Card}/{new string('x', 249)}";
        using var response = await os.Http.PostAsJsonAsync("v1/chat/completions", new
        {
            model = "support", metadata = new { data = bytes, url = $"data:;base64,{bytes}", file_data = bytes },
            messages = new[] { new { role = "user", content = new object[] { new { type = "image_url", image_url = new { url = $"data:image/png;base64,{bytes}" } }, new { type = "input_audio", input_audio = new { data = bytes, format = "wav" } }, new { type = "file", file = new { file_data = bytes } } } } },
        });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var asked = endpoint.Asked.Single();
        var content = asked.GetProperty("messages")[0].GetProperty("content");
        Assert.Equal(($"data:image/png;base64,{bytes}", bytes, bytes),
            (content[0].GetProperty("image_url").GetProperty("url").GetString(), content[1].GetProperty("input_audio").GetProperty("data").GetString(), content[2].GetProperty("file").GetProperty("file_data").GetString()));
        Assert.DoesNotContain(Card, asked.GetProperty("metadata").GetRawText(), StringComparison.Ordinal);
    }

    [Theory, InlineData("4111111111111111.0"), InlineData("4.111111111111111e15"), InlineData("-4111111111111111"), InlineData("0.04111111111111111E+17"), InlineData("41111111111111110e-1")]
    public async Task A_card_number_is_a_token_however_it_is_written(string written)
    {
        await using var endpoint = await SayingAsync($$"""{"outputs": [{"name": "y", "datatype": "FP64", "shape": [1], "data": [{{written}}]}]}""");
        await using var os = await StartAsync(endpoint);
        using var response = await AskAsync(os, $$"""{"inputs": [{"name": "n", "datatype": "FP64", "shape": [1], "data": [{{written}}]}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var capture = await CaptureAsync(os);
        Assert.DoesNotContain("111111111111111", capture, StringComparison.Ordinal);
        Assert.Equal(2, capture.Split("[card:").Length - 1);

        await using var chat = await Upstream.SayingAsync("Seen.");
        await using var words = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: '{chat.Url}'"));
        using var answered = await words.Http.PostAsync("v1/chat/completions", ChatEndpointTests.Json($$"""{"model": "support", "messages": [{"role": "user", "content": "Hi."}], "metadata": {"amount": 123456789012.5, "number": {{written}} } }"""));
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.StartsWith("[card:", chat.Asked.Single().GetProperty("metadata").GetProperty("number").GetString(), StringComparison.Ordinal);
        Assert.Equal("123456789012.5", chat.Asked.Single().GetProperty("metadata").GetProperty("amount").GetRawText());
    }

    [Theory]
    [InlineData("outputs", $$"""{"inputs": [{{Row}}], "outputs": [{"name": "y"}, {"name": "y"}]}""")]
    [InlineData("inputs", $$"""{"inputs": [{{Row}}, {{Row}}]}""")]
    public async Task A_name_that_stands_twice_is_its_callers_fault_and_opens_no_breaker(string field, string body)
    {
        await using var endpoint = await SayingAsync(Said);
        await using var os = await StartAsync(endpoint, ", breaker: {calls: 2}");
        for (var i = 0; i < 4; i++)
        {
            using var refused = await AskAsync(os, body);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal(field, (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0].GetProperty("field").GetString());
        }
        using var other = await AskAsync(os, $$"""{"inputs": [{{Row}}]}""");
        Assert.Equal((HttpStatusCode.OK, 1), (other.StatusCode, endpoint.Asked.Count));
    }

    public static TheoryData<string> Senseless => new(
        Said.Replace("\"y\"", "null", StringComparison.Ordinal),
        Said.Replace("\"y\"", "\"\"", StringComparison.Ordinal),
        Said.Replace("\"y\"", $"\"{new string('y', 201)}\"", StringComparison.Ordinal),
        Said.Replace("\"1\"", $"\"{new string('1', 20_000)}\"", StringComparison.Ordinal),
        Said.Replace("\"1\"", "1", StringComparison.Ordinal),
        Said.Replace("[1], \"data\": [1]", "[4294967296, 4294967296], \"data\": []", StringComparison.Ordinal),
        Said.Replace("\"FP32\"", "null", StringComparison.Ordinal));

    [Theory, MemberData(nameof(Senseless))]
    public async Task A_servers_answer_that_makes_no_sense_is_broken(string said)
    {
        await using var endpoint = await SayingAsync(said);
        await using var os = await StartAsync(endpoint);
        using var response = await AskAsync(os, $$"""{"inputs": [{{Row}}]}""");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("broken", JsonElement.Parse(await CaptureAsync(os)).GetProperty("failure").GetString());
    }

    [Fact]
    public async Task An_endpoint_that_refuses_the_gateway_is_told_from_one_that_is_down_in_words()
    {
        await using var endpoint = await Upstream.FailingAsync(401);
        await using var os = await StartAsync(endpoint);
        using var response = await AskAsync(os, $$"""{"inputs": [{{Row}}]}""");
        Assert.Equal((HttpStatusCode.BadGateway, "No deployment of 'fraud' answered: the endpoint refused the request (401)."), (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()));
    }
}
