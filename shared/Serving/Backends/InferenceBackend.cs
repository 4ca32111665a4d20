using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AiOs.Models.Protocol;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Backends;

/// <summary>A server of the Open Inference Protocol, version 2, with Triton's binary tensor extension (github.com/kserve/open-inference-protocol, docs.nvidia.com/deeplearning/triton-inference-server):
/// texts go in as one BYTES tensor, vectors come out as one FP32 tensor, numbers as they lie in memory. Tensors by name go as JSON.</summary>
sealed class InferenceBackend(DeploymentSettings settings, ICredential credential, ModelTransport transport) : IBackend
{
    const string HeaderLength = "Inference-Header-Content-Length";

    /// <summary>Texts in one request: what this project's server takes by default.</summary>
    const int MostTexts = 256;

    static readonly MediaTypeHeaderValue Binary = new("application/octet-stream"), Json = new("application/json");

    readonly Uri infer = new($"{settings.Url!.AbsoluteUri.TrimEnd('/')}/v2/models/{Uri.EscapeDataString(settings.Model)}{(settings.Version is { } version ? $"/versions/{Uri.EscapeDataString(version)}" : "")}/infer");

    /// <inheritdoc/>
    public async ValueTask<BackendReply> AskAsync(WireRequest request, int longest, bool stream, CancellationToken cancellationToken)
    {
        if (request.Kind == CallKind.Tensors)
            return await InferAsync(request, cancellationToken);
        List<float[]> vectors = [];
        string? version = null;
        foreach (var texts in request.Texts.Chunk(MostTexts))
        {
            var reply = (await AskAsync(texts, cancellationToken)).AsAsked(request);
            if (vectors.Count > 0 && (reply.Version != version || reply.Vectors[0].Length != vectors[0].Length))
                throw Broken("is of another version than its first part");
            version = reply.Version;
            vectors.AddRange(reply.Vectors);
        }
        return new VectorReply([.. vectors], null, version);
    }

    /// <summary>Tensors go as JSON that is written here: of what the caller sent beside them nothing passes, such as parameters that name memory of the server or the sequences of others.</summary>
    async ValueTask<TensorReply> InferAsync(WireRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, infer) { Content = new ReadOnlyMemoryContent(Write(request.Tensors)) { Headers = { ContentType = Json } } };
        if (await credential.AuthorizationAsync(cancellationToken) is { } authorization)
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (settings.AzureDeployment is { } deployment)
            message.Headers.TryAddWithoutValidation("azureml-model-deployment", deployment);
        using var response = await AskedAsync(message, cancellationToken);
        var (outputs, version) = TensorWire.Answer(await ModelTransport.ReadNumbersAsync(response, cancellationToken));
        return new TensorReply(outputs, version).AsAsked(request);
    }

    /// <summary>Servers of the protocol name no field: all of a request are inputs.</summary>
    async ValueTask<HttpResponseMessage> AskedAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.SendAsync(message, cancellationToken);
        }
        catch (ModelException e) when (e is { Failure: ModelFailure.Rejected, Status: 400 or 422, Param: null })
        {
#pragma warning disable MA0054 // The same, told better.
            throw new ModelException(ModelFailure.Rejected, $"The model does not take these values: compare names, datatypes and shapes with what its server says (GET /v2/models/{settings.Model}).") { Status = e.Status, Param = "inputs" };
#pragma warning restore MA0054
        }
    }

    async ValueTask<VectorReply> AskAsync(string[] texts, CancellationToken cancellationToken)
    {
        var (body, header) = Write(texts);
        using var message = new HttpRequestMessage(HttpMethod.Post, infer) { Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = Binary } } };
        message.Content.Headers.TryAddWithoutValidation(HeaderLength, header.ToString(CultureInfo.InvariantCulture));
        if (await credential.AuthorizationAsync(cancellationToken) is { } authorization)
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await transport.SendAsync(message, cancellationToken);
        var answer = await ModelTransport.ReadNumbersAsync(response, cancellationToken);
        return Read(answer, HeaderOf(response, answer.Length), texts.Length);
    }

    static ReadOnlyMemory<byte> Write(InferRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (request.Id is { } id)
                json.WriteString("id"u8, id);
            json.WriteStartArray("inputs"u8);
            foreach (var input in request.Inputs)
                TensorJson.Write(json, input);
            json.WriteEndArray();
            if (request.Outputs.Count > 0)
            {
                json.WriteStartArray("outputs"u8);
                foreach (var output in request.Outputs)
                {
                    json.WriteStartObject();
                    json.WriteString("name"u8, output.Name);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>The request: JSON, and behind it each text with its length before it.</summary>
    static (ReadOnlyMemory<byte> Body, int Header) Write(string[] texts)
    {
        var size = texts.Sum(text => 4 + Encoding.UTF8.GetByteCount(text));
        var buffer = new ArrayBufferWriter<byte>(256 + size);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("inputs"u8);
            json.WriteStartObject();
            json.WriteString("name"u8, "text"u8);
            json.WriteString("datatype"u8, "BYTES"u8);
            json.WriteStartArray("shape"u8);
            json.WriteNumberValue(texts.Length);
            json.WriteEndArray();
            json.WriteStartObject("parameters"u8);
            json.WriteNumber("binary_data_size"u8, size);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartObject("parameters"u8);
            json.WriteBoolean("binary_data_output"u8, value: true);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        var header = buffer.WrittenCount;
        foreach (var text in texts)
        {
            var length = Encoding.UTF8.GetByteCount(text);
            BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(4), length);
            buffer.Advance(4);
            Encoding.UTF8.GetBytes(text, buffer.GetSpan(length));
            buffer.Advance(length);
        }
        return (buffer.WrittenMemory, header);
    }

    static int HeaderOf(HttpResponseMessage response, int all) =>
        (response.Headers.TryGetValues(HeaderLength, out var values) || response.Content.Headers.TryGetValues(HeaderLength, out values)) && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length <= all ? length : throw Broken("says a length that it does not have") : all;

    static VectorReply Read(byte[] answer, int header, int count)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.AsMemory(0, header));
            var from = header;
            foreach (var output in document.RootElement.GetProperty("outputs").EnumerateArray())
            {
                var size = output.TryGetProperty("parameters", out var parameters) && parameters.TryGetProperty("binary_data_size", out var binary) ? binary.GetInt32() : 0;
                if (size < 0 || size > answer.Length - from)
                    throw Broken("says a length that it does not have");
                if (output.GetProperty("datatype").GetString() == "FP32")
                    return Vectors(output, answer.AsSpan(from, size), count, document.RootElement.TryGetProperty("model_version", out var version) ? version.GetString() : null);
                from += size;
            }
            throw Broken("has no FP32 output");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw Broken("is not of the protocol");
#pragma warning restore MA0054
        }
    }

    static VectorReply Vectors(JsonElement output, ReadOnlySpan<byte> bytes, int count, string? version)
    {
        int[] shape = [.. output.GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())];
        float[] numbers = bytes.Length > 0 ? MemoryMarshal.Cast<byte, float>(bytes).ToArray() : [.. output.GetProperty("data").EnumerateArray().Select(number => number.GetSingle())];
        if (shape is not [var rows, > 0 and var width] || rows != count || (long)rows * width != numbers.Length || Array.Exists(numbers, number => !float.IsFinite(number)))
            throw Broken("does not hold one vector a text");
        return new VectorReply([.. Enumerable.Range(0, rows).Select(row => numbers.AsSpan(row * width, width).ToArray())], null, version);
    }

    static ModelException Broken(string what) => new(ModelFailure.Broken, $"The answer {what}.");
}
