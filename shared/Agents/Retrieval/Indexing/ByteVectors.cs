using System.Numerics.Tensors;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>Vectors as signed bytes, each with the worth of one step: a quarter of the memory, for knowledge of more passages than are compared exactly.</summary>
static class ByteVectors
{
    public static (byte[] Numbers, float[] Scales) Of(IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        var dimensions = vectors[0].Length;
        var (numbers, scales) = (new byte[checked((long)vectors.Count * dimensions)], new float[vectors.Count]);
        for (var row = 0; row < vectors.Count; row++)
            scales[row] = Quantise(vectors[row].Span, numbers.AsSpan(row * dimensions, dimensions));
        return (numbers, scales);
    }

    /// <summary>Writes the rounded numbers and returns what one step is worth.</summary>
    public static float Quantise(ReadOnlySpan<float> vector, Span<byte> into)
    {
        var scale = Math.Abs(TensorPrimitives.MaxMagnitude(vector)) / sbyte.MaxValue;
        for (var i = 0; i < vector.Length; i++)
            into[i] = unchecked((byte)(sbyte)(scale == 0 ? 0 : MathF.Round(vector[i] / scale)));
        return scale;
    }
}
