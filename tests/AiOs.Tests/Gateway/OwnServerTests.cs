using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Gateway;

/// <summary>The gateway in front of this project's own inference server, over HTTP: <c>/v1/embeddings</c> of the OS to <c>/v2/models/sentence-encoder/infer</c>.</summary>
public sealed class OwnServerTests
{
    const string Encoder = "{name: here, backend: encoder, role: fallback}";

    static string Models(string main, params string[] others) =>
        $"models:\n  sentences:\n    kind: embeddings\n    timeout: 120s\n    deployments:\n      - {{name: main, backend: inference, timeout: 60s, {main}}}\n" + string.Concat(others.Select(other => $"      - {other}\n"));

    static readonly string[] Sentences = ["My card was stolen.", "Grüße aus Köln, wo bleibt mein Paket?", "x", string.Join(' ', Enumerable.Repeat("a long sentence", 90)), "  ", "カードをなくしました"];

    [Theory]
    [InlineData("float", "version: '1', secret: inference")]
    [InlineData("base64", "secret: inference")]
    public async Task The_server_gives_the_vectors_that_the_encoder_in_process_gives(string form, string how)
    {
        await using var server = await OwnServer.StartAsync(key: "the-key-of-the-server");
        await using var os = await GatewayOs.StartAsync(Models($"url: {server.Url}, model: sentence-encoder, {how}"), settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["AIOS_SECRET__MODELS_INFERENCE"] = "the-key-of-the-server" });
        foreach (var input in new object[] { Sentences, Sentences[0] })
        {
            var vectors = await VectorsAsync(os, input, form);
            var expected = await HereAsync(os, input as string[] ?? [(string)input]);
            Assert.Equal(expected.Length, vectors.Length);
            foreach (var (vector, here) in vectors.Zip(expected))
                Assert.Equal(here, vector, (one, other) => Math.Abs(one - other) < 1e-5f);
        }
        var capture = await LastAsync(os);
        Assert.Equal(("main", "1", "answered"), (Text(capture, "deployment"), Text(capture, "modelVersion"), Text(capture, "end")));
    }

    [Fact]
    public async Task As_many_texts_as_the_API_takes_go_through_in_requests_that_the_server_takes()
    {
        await using var server = await OwnServer.StartAsync();
        await using var os = await GatewayOs.StartAsync(Models($"url: {server.Url}, model: sentence-encoder"));
        string[] texts = [.. Enumerable.Range(0, 600).Select(number => $"order {number}")];
        var vectors = await VectorsAsync(os, texts, "base64");
        var expected = await HereAsync(os, texts);
        foreach (var index in new[] { 0, 255, 256, 599 })
            Assert.Equal(expected[index], vectors[index], (one, other) => Math.Abs(one - other) < 1e-5f);
        await ArrivalsTests.UntilAsync(async () => (await server.MetricsAsync()).Contains("status=\"200\"} 3\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_length_that_the_vectors_do_not_have_is_refused_by_name()
    {
        await using var server = await OwnServer.StartAsync();
        await using var os = await GatewayOs.StartAsync(Models($"url: {server.Url}, model: sentence-encoder", Encoder));
        using var wrong = await os.Http.PostAsJsonAsync("v1/embeddings", new { model = "sentences", input = "How are you?", dimensions = 256 });
        Assert.Equal((HttpStatusCode.BadRequest, "dimensions"), (wrong.StatusCode, (await GatewayOs.ErrorAsync(wrong)).GetProperty("param").GetString()));
        using var right = await os.Http.PostAsJsonAsync("v1/embeddings", new { model = "sentences", input = "How are you?", dimensions = 512 });
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Theory]
    [InlineData("model: nobody", "Rejected")]
    [InlineData("model: sentence-encoder, version: '7'", "Rejected")]
    public async Task Where_the_server_has_no_such_model_or_version_the_encoder_in_process_answers_and_the_reason_is_counted(string asked, string reason)
    {
        await using var server = await OwnServer.StartAsync();
        await using var os = await GatewayOs.StartAsync(Models($"url: {server.Url}, {asked}", Encoder));
        var vectors = await VectorsAsync(os, "My card was stolen.", "float");
        Assert.Equal(Assert.Single(await HereAsync(os, ["My card was stolen."])), Assert.Single(vectors));
        var capture = await LastAsync(os);
        Assert.Equal(("here", 2), (Text(capture, "deployment"), capture.GetProperty("attempts").GetInt32()));
        var model = (await os.Http.GetFromJsonAsync<JsonElement>("api/serving?model=sentences")).GetProperty("models")[0];
        Assert.Equal(1, model.GetProperty("calls").GetProperty("fallbacks").GetProperty(reason).GetInt64());
        Assert.Equal(1, model.GetProperty("deployments").EnumerateArray().Single(deployment => Text(deployment, "deployment") == "main").GetProperty("passedOver").GetProperty(reason).GetInt64());
    }

    [Fact]
    public async Task A_server_that_is_full_is_asked_again_when_it_says_so()
    {
        var (there, here) = (new ManualTimeProvider(), new ManualTimeProvider());
        await using var server = await OwnServer.StartAsync("""{"layout": "ragged", "tokenizer": "vocabulary.json", "gate": "required", "maxDelayMs": 1000, "instances": 1, "queueSize": 1, "maxRows": 8}""", clock: there);
        await using var os = await GatewayOs.StartAsync(Models($"url: {server.Url}, model: sentence-encoder, retries: 2", Encoder), here);
        var first = server.InferAsync("Somebody else is before me.");
        await UntilAsync(page => page.Contains("aios_inference_waiting{model=\"sentence-encoder\",version=\"1\"} 1\n", StringComparison.Ordinal));
        var began = here.GetUtcNow();
        var asked = VectorsAsync(os, "My card was stolen.", "float");
        await UntilAsync(page => page.Contains("status=\"503\"} 1\n", StringComparison.Ordinal));
        await there.AdvanceUntilAsync(first, TimeSpan.FromSeconds(1));
        (await first).Dispose();
        await UntilAsync(page =>
        {
            here.Advance(TimeSpan.FromMilliseconds(100));
            return page.Contains("aios_inference_waiting{model=\"sentence-encoder\",version=\"1\"} 1\n", StringComparison.Ordinal);
        });
        Assert.True(here.GetUtcNow() - began >= TimeSpan.FromSeconds(1));
        await there.AdvanceUntilAsync(asked, TimeSpan.FromSeconds(1));
        Assert.Equal(Assert.Single(await HereAsync(os, ["My card was stolen."])), Assert.Single(await asked), (one, other) => Math.Abs(one - other) < 1e-5f);
        var capture = await LastAsync(os);
        Assert.Equal(("main", 2), (Text(capture, "deployment"), capture.GetProperty("attempts").GetInt32()));
        await UntilAsync(page => page.Contains("status=\"200\"} 2\n", StringComparison.Ordinal));

        Task UntilAsync(Func<string, bool> holds) => ArrivalsTests.UntilAsync(async () => holds(await server.MetricsAsync()));
    }

    /// <summary>Through the front door.</summary>
    static async Task<float[][]> VectorsAsync(GatewayOs os, object input, string form)
    {
        using var response = await os.Http.PostAsJsonAsync("v1/embeddings", new { model = "sentences", input, encoding_format = form });
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return [.. JsonElement.Parse(text).GetProperty("data").EnumerateArray().Select(item => item.GetProperty("embedding")).Select(vector => vector.ValueKind == JsonValueKind.String
            ? MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray()
            : [.. vector.EnumerateArray().Select(number => number.GetSingle())])];
    }

    /// <summary>What the encoder of this process says.</summary>
    static async Task<float[][]> HereAsync(GatewayOs os, string[] texts) =>
        [.. (await os.Os.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(texts)).Select(vector => vector.Vector.ToArray())];

    static async Task<JsonElement> LastAsync(GatewayOs os) => (await os.Http.GetFromJsonAsync<JsonElement>("api/captures?top=1")).GetProperty("captures")[0];

    static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
