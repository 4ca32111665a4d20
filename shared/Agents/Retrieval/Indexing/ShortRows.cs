using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>Rows of length 1 as 14-bit numbers: half of what floats would have a scan read, and a cosine that is right to about 0.0005.</summary>
sealed class ShortRows
{
    /// <summary>The largest number. Four products of two of them and their sums fit 32 bits.</summary>
    const int Most = 8_191;

    readonly short[] rows;
    readonly float[] scales;
    readonly int columns;

    public ShortRows(ReadOnlySpan<float> floats, int columns)
    {
        this.columns = columns;
        (rows, scales) = (new short[floats.Length], new float[columns == 0 ? 0 : floats.Length / columns]);
        for (var row = 0; row < scales.Length; row++)
            scales[row] = Round(floats.Slice(row * columns, columns), rows.AsSpan(row * columns, columns));
    }

    /// <summary>Bytes in memory.</summary>
    public long Bytes => (sizeof(short) * rows.LongLength) + (sizeof(float) * scales.LongLength);

    /// <summary>The products of every row with <paramref name="query"/>.</summary>
    public void Multiply(ReadOnlySpan<float> query, Span<float> into)
    {
        Span<short> asked = stackalloc short[columns];
        var scale = Round(query, asked);
        for (var row = 0; row < into.Length; row++)
            into[row] = scale * scales[row] * Dot(asked, rows.AsSpan(row * columns, columns));
    }

    static float Round(ReadOnlySpan<float> floats, Span<short> into)
    {
        var scale = Math.Abs(TensorPrimitives.MaxMagnitude(floats)) / Most;
        for (var i = 0; i < into.Length; i++)
            into[i] = (short)(scale == 0 ? 0 : MathF.Round(floats[i] / scale));
        return scale;
    }

    static float Dot(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        var (sum, i) = (0f, 0);
        if (Avx2.IsSupported)
        {
            ref var first = ref MemoryMarshal.GetReference(a);
            ref var second = ref MemoryMarshal.GetReference(b);
            var sums = Vector256<float>.Zero;
            // Four steps of 16 numbers fill 30 of the 32 bits at most; then on as floats.
            for (; i + Vector256<short>.Count <= a.Length;)
            {
                var exact = Vector256<int>.Zero;
                for (var step = 0; step < 4 && i + Vector256<short>.Count <= a.Length; step++, i += Vector256<short>.Count)
                    exact += Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref first, (nuint)i), Vector256.LoadUnsafe(ref second, (nuint)i));
                sums += Vector256.ConvertToSingle(exact);
            }

            sum = Vector256.Sum(sums);
        }

        for (; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
