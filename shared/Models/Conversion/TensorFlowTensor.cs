using System.Runtime.InteropServices;
using System.Text.Json;
using AiOs.Models.Onnx;

namespace AiOs.Models.Conversion;

/// <summary>A constant of the graph: 32-bit floats or 32-bit integers.</summary>
sealed record TensorFlowTensor(bool IsInteger, long[] Shape, byte[] Raw)
{
    /// <summary>Takes the tensor that <paramref name="entry"/> of the weights manifest describes from the start of <paramref name="weights"/>.</summary>
    public static TensorFlowTensor Read(JsonElement entry, ReadOnlySpan<byte> weights)
    {
        var name = entry.GetProperty("name").GetString();
        if (entry.TryGetProperty("quantization", out _))
            throw new InvalidDataException($"The weight '{name}' is quantised, which this converter does not read.");
        var type = entry.GetProperty("dtype").GetString();
        if (type is not ("int32" or "float32"))
            throw new InvalidDataException($"The weight '{name}' has the unknown type '{type}'.");
        var shape = entry.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64()).ToArray();
        var bytes = checked((int)(4 * shape.Aggregate(1L, (product, length) => product * length)));
        return bytes <= weights.Length
            ? new(type is "int32", shape, weights[..bytes].ToArray())
            : throw new InvalidDataException($"The weights end inside '{name}'.");
    }

    public long[] Integers() => IsInteger
        ? [.. MemoryMarshal.Cast<byte, int>(Raw)]
        : throw new InvalidDataException("A constant of integers was expected.");

    /// <summary>As ONNX has it: all integers are 64-bit there.</summary>
    public OnnxTensor ToOnnx() => IsInteger
        ? new(ElementType.Int64, Shape, MemoryMarshal.AsBytes<long>(Integers()).ToArray())
        : new(ElementType.Float, Shape, Raw);
}
