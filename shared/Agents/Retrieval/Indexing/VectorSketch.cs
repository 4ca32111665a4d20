using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>The passages' vectors as bytes, a quarter of what a scan of the floats would read, and how far off a cosine from them can be: enough to tell which passages cannot be among the best.
/// The few that can are compared exactly.</summary>
sealed class VectorSketch
{
    readonly sbyte[] rows;
    readonly float[] scales;
    readonly int dimensions;

    /// <summary>The longest difference between a row and what is kept of it.</summary>
    readonly float farthest;

    public VectorSketch(ReadOnlySpan<float> vectors, int dimensions)
    {
        this.dimensions = dimensions;
        (rows, scales) = (new sbyte[vectors.Length], new float[vectors.Length / dimensions]);
        Span<float> difference = new float[dimensions];
        for (var row = 0; row < scales.Length; row++)
        {
            var vector = vectors.Slice(row * dimensions, dimensions);
            var kept = rows.AsSpan(row * dimensions, dimensions);
            scales[row] = ByteVectors.Quantise(vector, MemoryMarshal.AsBytes(kept));
            farthest = MathF.Max(farthest, Difference(vector, kept, scales[row], difference));
        }
    }

    /// <summary>Bytes in memory.</summary>
    public long Bytes => rows.LongLength + (sizeof(float) * scales.LongLength);

    public ReadOnlySpan<sbyte> Rows => rows;

    public ReadOnlySpan<float> Scales => scales;

    /// <summary>How far a cosine can be off, for a query that is kept as <paramref name="kept"/> times <paramref name="scale"/>: |qv - q'v'| is at most |q||v - v'| + |q - q'||v'| (Cauchy, Schwarz).</summary>
    public float Error(ReadOnlySpan<float> query, ReadOnlySpan<sbyte> kept, float scale) =>
        (TensorPrimitives.Norm(query) * farthest) + (Difference(query, kept, scale, new float[dimensions]) * (1 + farthest)) + 1e-5f;

    static float Difference(ReadOnlySpan<float> vector, ReadOnlySpan<sbyte> kept, float scale, Span<float> into)
    {
        for (var i = 0; i < into.Length; i++)
            into[i] = vector[i] - (scale * kept[i]);
        return TensorPrimitives.Norm<float>(into);
    }
}
