using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace AiOs.Inference.Tests;

/// <summary>Every endpoint, as its specification has it.</summary>
public sealed class ProtocolTests
{
    static object Rows(params float[][] rows) => new { id = "r-1", inputs = new[] { new { name = "x", shape = new[] { rows.Length, 2 }, datatype = "FP32", data = rows } } };

    [Fact]
    public async Task The_server_says_what_it_is_and_how_it_is()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product()));
        var about = (await server.Client.GetAsync("v2")).Json!;
        Assert.Equal("aios-inference", (string?)about["name"]);
        Assert.Contains("binary_tensor_data", about["extensions"]!.AsArray().Select(name => (string?)name));
        Assert.Contains("model_repository", about["extensions"]!.AsArray().Select(name => (string?)name));
        Assert.Equal("CPU", (string?)about["parameters"]!["execution_provider"]);
        Assert.True((bool)(await server.Client.GetAsync("v2/health/live")).Json!["live"]!);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("v2/health/ready")).Status);
    }

    [Fact]
    public async Task A_model_says_what_it_takes_and_gives_with_and_without_a_version()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 3, SmallModel.Product()));
        foreach (var path in new[] { "v2/models/product", "v2/models/product/versions/3" })
        {
            var model = (await server.Client.GetAsync(path)).Json!;
            Assert.Equal("product", (string?)model["name"]);
            Assert.Equal(["3"], model["versions"]!.AsArray().Select(version => (string?)version));
            Assert.Equal("onnx_onnxv1", (string?)model["platform"]);
            Assert.Equal("""{"name":"x","datatype":"FP32","shape":[-1,2]}""", Assert.Single(model["inputs"]!.AsArray())!.ToJsonString());
            Assert.Equal("""{"name":"y","datatype":"FP32","shape":[-1,2]}""", Assert.Single(model["outputs"]!.AsArray())!.ToJsonString());
            Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(path + "/ready")).Status);
        }
    }

    [Fact]
    public async Task Tensors_travel_as_JSON_nested_or_flat_and_as_binary_in_either_direction()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product()));
        var nested = await server.Client.InferAsync("product", Rows([1, 0], [0, 1]));
        Assert.Equal([1f, 2, 3, 4], nested.Floats("y"));
        Assert.Equal(["product", "1", "r-1"], new[] { "model_name", "model_version", "id" }.Select(name => (string?)nested.Json![name]));
        Assert.Equal([2, 2], nested.Output("y")["shape"]!.AsArray().Select(length => (int)length!));
        var flat = await server.Client.InferAsync("product", new { inputs = new[] { new { datatype = "FP32", data = new[] { 1, 0, 0, 1 }, shape = new[] { 2, 2 }, name = "x" } }, outputs = new[] { new { name = "y", parameters = new { binary_data = true } } } });
        Assert.Equal([1f, 2, 3, 4], flat.Floats("y"));
        Assert.Equal(16, flat.Binary["y"].Length);
        var binary = await server.Client.InferBinaryAsync("product",
            new { inputs = new[] { new { name = "x", shape = new[] { 2, 2 }, datatype = "FP32", parameters = new { binary_data_size = 16 } } }, parameters = new { binary_data_output = true } }, OipClient.Floats(1, 0, 0, 1));
        Assert.Equal([1f, 2, 3, 4], binary.Floats("y"));
        Assert.NotEmpty(binary.Binary);
        var mixed = await server.Client.InferBinaryAsync("product",
            new
            {
                inputs = new[] { new { name = "x", shape = new[] { 1, 2 }, datatype = "FP32", parameters = new { binary_data_size = 8 } } },
                outputs = new[] { new { name = "y", parameters = new { binary_data = false } } },
                parameters = new { binary_data_output = true },
            }, OipClient.Floats(1, 1));
        Assert.Equal([4f, 6], mixed.Floats("y"));
        Assert.Empty(mixed.Binary);
    }

    [Fact]
    public async Task Text_goes_in_as_it_is_and_gives_what_its_tokens_give()
    {
        await using var server = await Server.StartAsync(s => s.PutEncoder());
        Assert.Equal(["text", "indices", "values"], (await server.Client.GetAsync("v2/models/sentence-encoder")).Json!["inputs"]!.AsArray().Select(input => (string?)input!["name"]));
        var text = await server.Client.InferAsync("sentence-encoder", new { inputs = new[] { new { name = "text", shape = new[] { 3 }, datatype = "BYTES", data = new[] { "Where is my parcel?", "", "Freeze the card \u2615 \"now\"" } } } });
        Assert.Equal([3, 512], text.Output("embedding")["shape"]!.AsArray().Select(length => (int)length!));
        var vectors = text.Floats("embedding").Chunk(512).ToArray();
        Assert.Equal(1, vectors[0].Sum(value => value * value), 3);
        Assert.All(vectors[1], value => Assert.Equal(0, value));

        var bytes = OipClient.Bytes("Where is my parcel?");
        var binary = await server.Client.InferBinaryAsync("sentence-encoder",
            new { inputs = new[] { new { name = "text", shape = new[] { 1, 1 }, datatype = "BYTES", parameters = new { binary_data_size = bytes.Length } } }, parameters = new { binary_data_output = true } }, bytes);
        Near(vectors[0], binary.Floats("embedding"));

        // The tokens of that sentence, as the encoder's own tests have them.
        int[] tokens = [3009, 18, 69, 2348, 5488, 54];
        var tensors = await server.Client.InferAsync("sentence-encoder", new
        {
            inputs = new object[]
            {
                new { name = "values", shape = new[] { 6 }, datatype = "INT64", data = tokens },
                new { name = "indices", shape = new[] { 6, 2 }, datatype = "INT64", data = tokens.Select((_, column) => new[] { 0, column }) },
            },
        });
        Near(vectors[0], tensors.Floats("embedding"));
    }

    [Fact]
    public async Task Callers_at_the_same_time_share_batches_and_each_gets_its_own()
    {
        await using var server = await Server.StartAsync(s => s.PutEncoder());
        string[] texts = [.. Enumerable.Range(0, 120).Select(i => string.Join(' ', Enumerable.Repeat($"number {i}", 1 + i % 30)))];
        var alone = new List<float[]>();
        foreach (var text in texts)
            alone.Add(await Embed(server.Client, text));
        var together = await Task.WhenAll(texts.Select(text => Embed(server.Client, text)));
        foreach (var (one, other) in alone.Zip(together))
            Near(one, other);
        Assert.Contains("aios_inference_batch_rows_bucket{model=\"sentence-encoder\",version=\"1\",le=\"+Inf\"}", (string?)(await server.Client.GetAsync("metrics")).Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_repository_lists_loads_and_unloads()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product()).Put("pick", 2, SmallModel.Pick()));
        Assert.Equal(["pick 2 READY", "product 1 READY"], await Index(server.Client, "{}"));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("v2/repository/models/pick/unload")).Status);
        Assert.Equal(["product 1 READY"], await Index(server.Client, """{"ready": true}"""));
        var gone = await server.Client.InferAsync("pick", new { inputs = new[] { new { name = "i", shape = new[] { 1 }, datatype = "INT64", data = new[] { 1 } } } });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, gone.Status);
        Assert.Contains("unloaded", gone.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("v2/repository/models/pick/load", "{}")).Status);
        Assert.Equal(["pick 2 READY", "product 1 READY"], await Index(server.Client, ""));
    }

    [Fact]
    public async Task With_a_key_only_health_and_metrics_are_open()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product()), key: "k-7");
        using var stranger = new OipClient(server.Url);
        using var guesser = new OipClient(server.Url, "k-8");
        foreach (var client in new[] { stranger, guesser })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("v2")).Status);
            var refused = await client.InferAsync("product", Rows([1, 0]));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
            Assert.DoesNotContain("k-7", refused.Error, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsync("v2/repository/models/product/unload")).Status);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("v2/health/live")).Status);
        }
        Assert.Equal(new[] { 1f, 2 }, (await server.Client.InferAsync("product", Rows([1, 0]))).Floats("y"));
    }

    [Fact]
    public async Task Metrics_count_requests_by_model_version_and_status()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 4, SmallModel.Product()));
        await server.Client.InferAsync("product", Rows([1, 0]));
        await server.Client.InferAsync("product", Rows([1, 0], [0, 1]));
        await server.Client.InferAsync("product", new { inputs = Array.Empty<object>() });
        await server.CountsAsync(
            "aios_inference_requests_total{model=\"product\",version=\"4\",status=\"200\"} 2",
            "aios_inference_requests_total{model=\"product\",version=\"4\",status=\"400\"} 1",
            "aios_inference_batch_rows_sum{model=\"product\",version=\"4\"} 3",
            "aios_inference_waiting{model=\"product\",version=\"4\"} 0");
    }

    internal static async Task<float[]> Embed(OipClient client, string text)
    {
        var bytes = OipClient.Bytes(text);
        var answer = await client.InferBinaryAsync("sentence-encoder",
            new { inputs = new[] { new { name = "text", shape = new[] { 1 }, datatype = "BYTES", parameters = new { binary_data_size = bytes.Length } } }, parameters = new { binary_data_output = true } }, bytes);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Floats("embedding");
    }

    static async Task<IEnumerable<string>> Index(OipClient client, string body) =>
        (await client.PostAsync("v2/repository/index", body)).Json!.AsArray().Select(entry => $"{entry!["name"]} {entry["version"]} {entry["state"]}");

    static void Near(float[] one, float[] other)
    {
        Assert.Equal(one.Length, other.Length);
        Assert.True(one.Zip(other, (a, b) => Math.Abs(a - b)).Max() < 1e-4, "The vectors differ.");
    }
}
