using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests.Gateway;

/// <summary>Vectors from servers of the Open Inference Protocol and from Azure ML endpoints; both are written here from their specifications.</summary>
public sealed class VectorBackendTests
{
    static string Models(string deployment) => $"models:\n  sentences:\n    kind: embeddings\n    deployments: [{{name: main, {deployment}, retries: 0}}]\n";

    [Fact]
    public async Task Texts_go_to_an_inference_server_as_one_binary_tensor_and_vectors_come_back_as_one()
    {
        List<string> texts = [];
        await using var server = await StartAsync(async context =>
        {
            Assert.Equal("/v2/models/encoder/versions/3/infer", context.Request.Path);
            var (json, binary) = await ReadAsync(context.Request);
            var input = json.GetProperty("inputs")[0];
            Assert.Equal(("text", "BYTES", 2, binary.Length), (input.GetProperty("name").GetString(), input.GetProperty("datatype").GetString(), input.GetProperty("shape")[0].GetInt32(), input.GetProperty("parameters").GetProperty("binary_data_size").GetInt32()));
            for (var at = 0; at < binary.Length; at += 4 + BinaryPrimitives.ReadInt32LittleEndian(binary.AsSpan(at)))
                texts.Add(Encoding.UTF8.GetString(binary.AsSpan(at + 4, BinaryPrimitives.ReadInt32LittleEndian(binary.AsSpan(at)))));
            await WriteAsync(context.Response, """{"model_name":"encoder","model_version":"3","outputs":[{"name":"embedding","datatype":"FP32","shape":[2,3],"parameters":{"binary_data_size":24}}]}""", [1, 2, 3, 4, 5, 6]);
        });
        await using var os = await GatewayOs.StartAsync(Models($"backend: inference, url: {server.Urls.First()}, model: encoder, version: '3'"));
        using var response = await os.Http.PostAsync("v1/embeddings", ChatEndpointTests.Json("""{"model": "sentences", "input": ["How are you?", "Grüße an ada@analytical.example"]}"""));
        Assert.Equal("[4,5,6]", JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("data")[1].GetProperty("embedding").GetRawText());
        Assert.Equal("How are you?", texts[0]);
        Assert.Matches(@"^Grüße an \[email:[a-z2-7]{26}\]$", texts[1]);
    }

    [Theory]
    [InlineData("""{"outputs":[{"name":"e","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":400}}]}""")]
    [InlineData("""{"outputs":[{"name":"e","datatype":"FP32","shape":[2,3],"parameters":{"binary_data_size":24}}]}""")]
    [InlineData("""{"outputs":[{"name":"e","datatype":"INT64","shape":[1,3],"parameters":{"binary_data_size":24}}]}""")]
    [InlineData("""{"outputs":""")]
    [InlineData("""{}""")]
    public async Task What_does_not_fit_the_protocol_is_an_error_with_its_reason(string json)
    {
        await using var server = await StartAsync(context => WriteAsync(context.Response, json, [1, 2, 3, 4, 5, 6]));
        await using var os = await GatewayOs.StartAsync(Models($"backend: inference, url: {server.Urls.First()}, model: encoder"));
        using var response = await os.Http.PostAsync("v1/embeddings", ChatEndpointTests.Json("""{"model": "sentences", "input": "How are you?"}"""));
        Assert.Equal((HttpStatusCode.BadGateway, "broken"), (response.StatusCode, (await GatewayOs.ErrorAsync(response)).GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("[[0.5, 1.5]]")]
    [InlineData("""{"predictions": [[0.5, 1.5]]}""")]
    public async Task An_Azure_ML_endpoint_is_scored_with_its_key_and_deployment(string answer)
    {
        (string? Authorization, string? Deployment, string Body) asked = default;
        await using var server = await StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            asked = (context.Request.Headers.Authorization, context.Request.Headers["azureml-model-deployment"], await reader.ReadToEndAsync());
            await context.Response.WriteAsync(answer);
        });
        await using var os = await GatewayOs.StartAsync(Models($"backend: azureml, url: {server.Urls.First()}/score, model: encoder, secret: scoring, azureDeployment: blue"), settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["AIOS_SECRET__MODELS_SCORING"] = "the-key" });
        using var response = await os.Http.PostAsync("v1/embeddings", ChatEndpointTests.Json("""{"model": "sentences", "input": "How are you?"}"""));
        Assert.Equal("[0.5,1.5]", JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("data")[0].GetProperty("embedding").GetRawText());
        Assert.Equal(("Bearer the-key", "blue", """{"input_data":["How are you?"]}"""), asked);
        using var longer = await os.Http.PostAsync("v1/embeddings", ChatEndpointTests.Json("""{"model": "sentences", "input": "How are you?", "dimensions": 3}"""));
        Assert.Equal((HttpStatusCode.BadRequest, "dimensions"), (longer.StatusCode, (await GatewayOs.ErrorAsync(longer)).GetProperty("param").GetString()));
    }

    static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }

    static async Task<(JsonElement Json, byte[] Binary)> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var header = int.Parse(request.Headers["Inference-Header-Content-Length"].ToString(), CultureInfo.InvariantCulture);
        return (JsonElement.Parse(body.ToArray().AsSpan(0, header)), body.ToArray()[header..]);
    }

    static async Task WriteAsync(HttpResponse response, string json, float[] numbers)
    {
        response.Headers["Inference-Header-Content-Length"] = Encoding.UTF8.GetByteCount(json).ToString(CultureInfo.InvariantCulture);
        response.ContentType = "application/octet-stream";
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(json));
        foreach (var number in numbers)
            await response.Body.WriteAsync(BitConverter.GetBytes(number));
    }
}
