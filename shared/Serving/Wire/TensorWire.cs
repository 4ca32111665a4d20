using System.Buffers;
using System.Text;
using System.Text.Json;
using AiOs.Models.Protocol;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Wire;

/// <summary>Inferences in the JSON of the Open Inference Protocol, version 2 (github.com/kserve/open-inference-protocol): what callers send and get, and what servers of it answer.</summary>
static class TensorWire
{
    /// <summary>Twelve digits.</summary>
    const double ShortestCard = 1e11;

    /// <summary>A request of a caller.</summary>
    /// <exception cref="WireException">It does not have the form.</exception>
    public static InferRequest Request(ReadOnlyMemory<byte> json)
    {
        InferRequest request;
        try
        {
            request = InferRequestReader.Read(json, json.Length);
        }
        catch (ProtocolException e)
        {
            throw new WireException("$", e.Message);
        }
        if (request.BinaryOutput || request.Outputs.Exists(output => output.Binary == true))
            throw new WireException("outputs", "binary data is not given here; leave binary_data and binary_data_output out.");
        return request;
    }

    /// <summary>The answer of a server.</summary>
    /// <exception cref="ModelException">It is none.</exception>
    public static (IReadOnlyList<Tensor> Outputs, string? Version) Answer(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            Tensor[] outputs = [.. root.GetProperty("outputs").EnumerateArray().Select(Output)];
            return outputs.Length > 0 ? (outputs, root.TryGetProperty("model_version", out var version) ? version.GetString() : null) : throw Broken("has no outputs");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ProtocolException or OverflowException)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw Broken("is not of the protocol");
#pragma warning restore MA0054
        }
    }

    /// <summary>The answer to a caller, under the logical name of the model.</summary>
    public static ReadOnlyMemory<byte> Write(string model, string? version, string? id, IReadOnlyList<Tensor> outputs)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        InferReply.Write(buffer, model, version ?? "", id, outputs, new bool[outputs.Count]);
        return buffer.WrittenMemory;
    }

    /// <summary>Whether a text among the outputs, or a number as long as a card's, could be something personal.</summary>
    public static bool IsTelling(IReadOnlyList<Tensor> outputs) => outputs.Any(output => output.Type == DataType.Bytes
        ? output.Texts().Any(text => Telling.Of(JsonEncodedText.Encode(text, Wire.Encoder).EncodedUtf8Bytes))
        : Enumerable.Range(0, (int)output.Count).Any(index => Math.Abs(output.NumberAt(index)) >= ShortestCard));

    static Tensor Output(JsonElement output)
    {
        var (name, word) = (output.GetProperty("name").GetString()!, output.GetProperty("datatype").GetString()!);
        var type = DataTypes.Parse(word) ?? throw Broken("has a type that is not known");
        var tensor = new Tensor(name, type, [.. output.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64())], default);
        var data = new Utf8JsonReader(Encoding.UTF8.GetBytes(output.GetProperty("data").GetRawText()));
        data.Read();
        var bytes = new ArrayBufferWriter<byte>(64);
        return Array.TrueForAll(tensor.Shape, length => length >= 0) && JsonTensor.Read(ref data, name, type, tensor.Count, bytes) == tensor.Count
            ? tensor with { Data = bytes.WrittenMemory } : throw Broken("does not hold what its shape says");
    }

    static ModelException Broken(string what) => new(ModelFailure.Broken, $"The answer {what}.");
}
