using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Backends;

/// <summary>The scoring address of an Azure Machine Learning online endpoint (learn.microsoft.com/azure/machine-learning/how-to-deploy-mlflow-models): texts go in as <c>input_data</c>,
/// vectors come out as a list of lists of numbers, by itself or under one name; tensors as <see cref="AzureMlTensors"/> has them. A deployment behind the endpoint is chosen by the header azureml-model-deployment.</summary>
sealed class AzureMlBackend(DeploymentSettings settings, ICredential credential, ModelTransport transport) : IBackend
{
    static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <inheritdoc/>
    public async ValueTask<BackendReply> AskAsync(WireRequest request, int longest, bool stream, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, settings.Url) { Content = new ReadOnlyMemoryContent(request.Kind == CallKind.Tensors ? AzureMlTensors.Write(request.Tensors.Inputs) : Write(request.Texts)) { Headers = { ContentType = Json } } };
        if (await credential.AuthorizationAsync(cancellationToken) is { } authorization)
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (settings.AzureDeployment is { } deployment)
            message.Headers.TryAddWithoutValidation("azureml-model-deployment", deployment);
        using var response = await transport.SendAsync(message, cancellationToken);
        var answer = await ModelTransport.ReadNumbersAsync(response, cancellationToken);
        return request.Kind == CallKind.Tensors ? new TensorReply(AzureMlTensors.Read(answer), settings.Version).AsAsked(request) : Read(answer, request.Texts.Count).AsAsked(request);
    }

    static ReadOnlyMemory<byte> Write(IReadOnlyList<string> texts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("input_data"u8);
            foreach (var text in texts)
                json.WriteStringValue(text);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    static VectorReply Read(byte[] answer, int count)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            var list = root.ValueKind == JsonValueKind.Array ? root : root.EnumerateObject().First(member => member.Value.ValueKind == JsonValueKind.Array).Value;
            float[][] vectors = [.. list.EnumerateArray().Select(vector => vector.EnumerateArray().Select(number => number.GetSingle()).ToArray())];
            return vectors.Length == count && Array.TrueForAll(vectors, vector => vector.Length > 0 && vector.Length == vectors[0].Length && Array.TrueForAll(vector, float.IsFinite)) ? new VectorReply(vectors, null, null) : throw Broken();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw Broken();
#pragma warning restore MA0054
        }
    }

    static ModelException Broken() => new(ModelFailure.Broken, "The answer does not hold one vector a text.");
}
