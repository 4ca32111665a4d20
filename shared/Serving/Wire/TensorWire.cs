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

    /// <summary>The longest name of an output that is taken from a server, in characters.</summary>
    public const int LongestName = 200;

    const int LongestVersion = 100;

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
            throw new WireException(e.Field ?? "$", e.Message);
        }
        if (request.BinaryOutput || request.Outputs.Exists(output => output.Binary == true))
            throw new WireException("outputs", "binary data is not given here; leave binary_data and binary_data_output out.");
        if (request.Inputs.FindIndex(input => input.Shape is [0, ..]) is >= 0 and var empty)
            throw new WireException("inputs", $"inputs[{empty}] has no rows; send at least one.");
        Once("inputs", request.Inputs.ConvertAll(input => input.Name));
        Once("outputs", request.Outputs.ConvertAll(output => output.Name));
        return request;
    }

    static void Once(string field, List<string> names)
    {
        var seen = new HashSet<string>(names.Count, StringComparer.Ordinal);
        var twice = names.FindIndex(name => !seen.Add(name));
        if (twice >= 0)
            throw new WireException(field, $"{field}[{twice}] has the name of another one; name each once.");
    }

    /// <summary>The answer of a server.</summary>
    /// <exception cref="ModelException">It is none.</exception>
    public static (IReadOnlyList<Tensor> Outputs, string? Version) Answer(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = TensorAnswers.Parse(json);
            var root = document.RootElement;
            Tensor[] outputs = [.. root.GetProperty("outputs").EnumerateArray().Select(Output)];
            return outputs.Length > 0 ? (outputs, Version(root)) : throw Broken("has no outputs");
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

    /// <summary>Whether a name or a text among the outputs, or a number as long as a card's, could be something personal.</summary>
    public static bool IsTelling(IReadOnlyList<Tensor> outputs) => outputs.Any(output => IsTelling(output.Name) || (output.Type == DataType.Bytes
        ? output.Texts().Any(IsTelling)
        : Enumerable.Range(0, (int)output.Count).Any(index => Math.Abs(output.NumberAt(index)) >= ShortestCard)));

    /// <summary>Whether a text could be something personal.</summary>
    public static bool IsTelling(string text) => Telling.Of(JsonEncodedText.Encode(text, Wire.Encoder).EncodedUtf8Bytes);

    static string? Version(JsonElement root)
    {
        var version = root.TryGetProperty("model_version", out var said) ? said.GetString() : null;
        return version is { Length: > LongestVersion } ? throw Broken("has a version that is too long") : version;
    }

    static Tensor Output(JsonElement output)
    {
        if (output.GetProperty("name").GetString() is not { Length: > 0 and <= LongestName } name)
            throw Broken("has an output without a name, or with one that is too long");
        TensorAnswers.Check(output.GetProperty("data"));
        var type = DataTypes.Parse(output.GetProperty("datatype").GetString() ?? "") ?? throw Broken("has a type that is not known");
        long[] shape = [.. output.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64())];
        var count = shape.Aggregate(1L, static (product, length) => checked(product * length));
        var data = new Utf8JsonReader(Encoding.UTF8.GetBytes(output.GetProperty("data").GetRawText()));
        data.Read();
        var bytes = new ArrayBufferWriter<byte>(64);
        return Array.TrueForAll(shape, length => length >= 0) && JsonTensor.Read(ref data, name, type, default, count, bytes) == count
            ? new Tensor(name, type, shape, bytes.WrittenMemory) : throw Broken("does not hold what its shape says");
    }

    static ModelException Broken(string what) => new(ModelFailure.Broken, $"The answer {what}.");
}
