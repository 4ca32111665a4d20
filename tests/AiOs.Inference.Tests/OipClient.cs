using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiOs.Inference.Tests;

/// <summary>A client of the Open Inference Protocol and Triton's extensions, written from their texts; it shares no code with the server.</summary>
sealed class OipClient(Uri address, string? key = null) : IDisposable
{
    readonly HttpClient http = new() { BaseAddress = address, DefaultRequestHeaders = { Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key) } };

    internal sealed record Answer(HttpStatusCode Status, JsonNode? Json, IReadOnlyDictionary<string, byte[]> Binary, HttpResponseHeaders Headers)
    {
        public string Error => (string?)Json?["error"] ?? throw new InvalidOperationException($"{Status} without an error: {Json}");

        public JsonNode Output(string name) => Json!["outputs"]!.AsArray().Single(output => (string?)output!["name"] == name)!;

        /// <summary>The floats of an output, however they travelled.</summary>
        public float[] Floats(string name) => Binary.TryGetValue(name, out var bytes)
            ? [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * i)))]
            : [.. Output(name)["data"]!.AsArray().Select(value => (float)value!)];
    }

    public async Task<Answer> GetAsync(string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(response);
    }

    public async Task<Answer> PostAsync(string path, string json = "", CancellationToken cancellationToken = default)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.ExpectContinue = json.Length > 1 << 16;   // what is refused for its length is not sent: the server closes the connection while the client still writes
        using var response = await http.SendAsync(request, cancellationToken);
        return await ReadAsync(response);
    }

    public Task<Answer> InferAsync(string model, object request, CancellationToken cancellationToken = default) =>
        PostAsync($"v2/models/{model}/infer", JsonSerializer.Serialize(request), cancellationToken);

    /// <summary>JSON and behind it the binary tensors. The header says how long the JSON is, unless it is to lie.</summary>
    public async Task<Answer> InferBinaryAsync(string model, object json, byte[] tensors, string? headerLength = null)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(json);
        using var content = new ByteArrayContent([.. head, .. tensors]) { Headers = { ContentType = new("application/octet-stream") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"v2/models/{model}/infer", UriKind.Relative)) { Content = content };
        request.Headers.Add("Inference-Header-Content-Length", headerLength ?? head.Length.ToString(CultureInfo.InvariantCulture));
        using var response = await http.SendAsync(request);
        return await ReadAsync(response);
    }

    /// <summary>A BYTES tensor: each element a 4-byte length and its bytes.</summary>
    public static byte[] Bytes(params string[] texts) => [.. texts.SelectMany(text =>
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)utf8.Length);
        return length.Concat(utf8);
    })];

    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        var length = response.Headers.TryGetValues("Inference-Header-Content-Length", out var values) ? int.Parse(values.Single(), CultureInfo.InvariantCulture) : body.Length;
        var json = response.Content.Headers.ContentType?.MediaType == "text/plain" ? JsonValue.Create(Encoding.UTF8.GetString(body)) : JsonNode.Parse(body.AsSpan(0, length));
        var binary = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (length < body.Length || response.Content.Headers.ContentType?.MediaType == "application/octet-stream")
            foreach (var output in json!["outputs"]!.AsArray())
                if (output!["parameters"]?["binary_data_size"] is { } size)
                {
                    binary.Add((string)output["name"]!, body[length..(length + (int)size)]);
                    length += (int)size;
                }
        if (binary.Count > 0)
            Assert.Equal(body.Length, length);
        return new(response.StatusCode, json, binary, response.Headers);
    }

    public void Dispose() => http.Dispose();
}
