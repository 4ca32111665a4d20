using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Backends;

/// <summary>An API that speaks OpenAI's chat completions and embeddings. The request passes through as it is, but for the model's name, the longest answer and the usage of streams.</summary>
sealed class OpenAiBackend(DeploymentSettings settings, ICredential credential, ModelTransport transport) : IBackend
{
    static readonly MediaTypeHeaderValue Json = new("application/json");

    readonly Uri chat = Under(settings.Url!, "chat/completions"), embeddings = Under(settings.Url!, "embeddings");

    /// <inheritdoc/>
    public async ValueTask<BackendReply> AskAsync(WireRequest request, int longest, bool stream, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, request.Kind == CallKind.Chat ? chat : embeddings)
        {
            Content = new ReadOnlyMemoryContent(request.For(settings.Model, longest)) { Headers = { ContentType = Json } },
        };
        if (await credential.AuthorizationAsync(cancellationToken) is { } authorization)
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (settings.AzureDeployment is { } deployment)
            message.Headers.TryAddWithoutValidation("azureml-model-deployment", deployment);
        var response = await transport.SendAsync(message, cancellationToken);
        if (stream)
            return await StreamReply.OpenAsync(response, cancellationToken);
        using (response)
        {
            var body = await ModelTransport.ReadAsync(response, cancellationToken);
            return request.Kind == CallKind.Chat ? new WholeReply(body, WireReply.Read(body)) : Vectors(body, request.Texts.Count);
        }
    }

    static Uri Under(Uri root, string path) => new(root.AbsoluteUri.TrimEnd('/') + "/" + path);

    /// <summary>As floats or as base64, whichever the caller asked for.</summary>
    static VectorReply Vectors(byte[] body, int count)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var vectors = new float[count][];
            foreach (var item in document.RootElement.GetProperty("data").EnumerateArray())
                vectors[item.GetProperty("index").GetInt32()] = Vector(item.GetProperty("embedding"));
            long? tokens = document.RootElement.TryGetProperty("usage", out var usage) && usage.TryGetProperty("prompt_tokens", out var prompt) && prompt.TryGetInt64(out var counted) ? counted : null;
            return Array.TrueForAll(vectors, vector => vector is { Length: > 0 } && vector.Length == vectors[0].Length && Array.TrueForAll(vector, float.IsFinite)) ? new VectorReply(vectors, tokens, null) : throw Broken();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException or FormatException)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw Broken();
#pragma warning restore MA0054
        }
    }

    static float[] Vector(JsonElement vector) => vector.ValueKind == JsonValueKind.String
        ? MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray()
        : [.. vector.EnumerateArray().Select(number => number.GetSingle())];

    static ModelException Broken() => new(ModelFailure.Broken, "The answer does not hold one vector a text.");
}
