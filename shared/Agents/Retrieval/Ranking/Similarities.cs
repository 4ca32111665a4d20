using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AiOs.Agents.Retrieval.Indexing;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>Cosines between one vector and every row, row after row; the rows have length 1.</summary>
static class Similarities
{
    /// <summary>Of a query with every passage, exact where the index holds floats and rounded to about 0.005 where it holds bytes.</summary>
    public static void OfPassages(LoadedIndex index, ReadOnlySpan<float> query, Span<float> into)
    {
        if (query.Length != index.Dimensions)
            into.Clear();
        else if (index.Part<float>(IndexPart.VectorScales) is { IsEmpty: false } scales)
            OfBytes(index.Part<sbyte>(IndexPart.Vectors), scales, query, into);
        else
            OfRows(index.Part<float>(IndexPart.Vectors), query, into);
    }

    /// <summary>Of a query with every row of a sketch, and how far each can be off.</summary>
    public static float OfSketch(VectorSketch sketch, ReadOnlySpan<float> query, Span<float> into)
    {
        var bytes = new byte[query.Length];
        var scale = ByteVectors.Quantise(query, bytes);
        Multiply(MemoryMarshal.Cast<byte, sbyte>(bytes), scale, sketch.Rows, sketch.Scales, into);
        return sketch.Error(query, MemoryMarshal.Cast<byte, sbyte>(bytes), scale);
    }

    /// <summary>Of a query with one row of a sketch.</summary>
    public static float OfSketch(VectorSketch sketch, ReadOnlySpan<float> query, int row)
    {
        Span<float> own = stackalloc float[1];
        Span<byte> bytes = stackalloc byte[query.Length];
        var scale = ByteVectors.Quantise(query, bytes);
        Multiply(MemoryMarshal.Cast<byte, sbyte>(bytes), scale, sketch.Rows.Slice(row * query.Length, query.Length), sketch.Scales.Slice(row, 1), own);
        return own[0];
    }

    public static float OfPassage(LoadedIndex index, ReadOnlySpan<float> query, int passage)
    {
        if (query.Length != index.Dimensions)
            return 0;
        if (index.Part<float>(IndexPart.VectorScales) is { IsEmpty: true })
            return TensorPrimitives.Dot(query, index.Part<float>(IndexPart.Vectors).Slice(passage * index.Dimensions, index.Dimensions));
        Span<float> own = stackalloc float[1];
        OfBytes(index.Part<sbyte>(IndexPart.Vectors).Slice(passage * index.Dimensions, index.Dimensions), index.Part<float>(IndexPart.VectorScales).Slice(passage, 1), query, own);
        return own[0];
    }

    public static void OfRows(ReadOnlySpan<float> rows, ReadOnlySpan<float> query, Span<float> into)
    {
        for (var row = 0; row < into.Length; row++)
            into[row] = TensorPrimitives.Dot(query, rows.Slice(row * query.Length, query.Length));
    }

    static void OfBytes(ReadOnlySpan<sbyte> rows, ReadOnlySpan<float> scales, ReadOnlySpan<float> query, Span<float> into)
    {
        var bytes = new byte[query.Length];
        var scale = ByteVectors.Quantise(query, bytes);
        Multiply(MemoryMarshal.Cast<byte, sbyte>(bytes), scale, rows, scales, into);
    }

    static void Multiply(ReadOnlySpan<sbyte> query, float scale, ReadOnlySpan<sbyte> rows, ReadOnlySpan<float> scales, Span<float> into)
    {
        var asked = new short[query.Length];
        for (var i = 0; i < asked.Length; i++)
            asked[i] = query[i];
        for (var row = 0; row < into.Length; row++)
            into[row] = scale * scales[row] * Dot(asked, rows.Slice(row * asked.Length, asked.Length));
    }

    static int Dot(ReadOnlySpan<short> a, ReadOnlySpan<sbyte> b)
    {
        var (sum, i) = (0, 0);
        if (Avx2.IsSupported)
        {
            ref var first = ref MemoryMarshal.GetReference(a);
            ref var second = ref MemoryMarshal.GetReference(b);
            var (sums, more) = (Vector256<int>.Zero, Vector256<int>.Zero);
            for (; i + (2 * Vector128<sbyte>.Count) <= a.Length; i += 2 * Vector128<sbyte>.Count)
            {
                sums += Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref first, (nuint)i), Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref second, (nuint)i)));
                more += Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref first, (nuint)i + 16), Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref second, (nuint)i + 16)));
            }

            sum = Vector256.Sum(sums + more);
        }

        for (; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
