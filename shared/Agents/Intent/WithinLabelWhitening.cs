using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>A linear map of sentence vectors after which what differs between examples of one label counts less: the inverse square root of the covariance within labels, mixed with
/// the identity so that few examples promise nothing (regularised discriminant analysis: Friedman 1989, https://doi.org/10.1080/01621459.1989.10478752).</summary>
static class WithinLabelWhitening
{
    /// <summary>The share of the identity. Measured: 0.2 to 0.5 are alike.</summary>
    const float Shrinkage = 0.3f;

    // Where the examples of every label are one vector, nothing differs: a floor far below what is usual (1e-3) keeps the map finite.
    const float SmallestVariance = 1e-6f;

    /// <summary>The map, row-major: a whitened vector is the vector (as a row) times it.</summary>
    public static float[] Learn(IReadOnlyList<float[]> vectors, IReadOnlyList<int> labels)
    {
        var size = vectors[0].Length;
        var covariance = Covariance(vectors, labels, size);
        var variance = 0f;
        for (var i = 0; i < size; i++)
            variance += covariance[i * size + i] / size;
        TensorPrimitives.Multiply(covariance, 1 - Shrinkage, covariance);
        for (var i = 0; i < size; i++)
            covariance[i * size + i] += Math.Max(Shrinkage * variance, SmallestVariance);
        return InverseOfFactor(covariance, size);
    }

    static float[] Covariance(IReadOnlyList<float[]> vectors, IReadOnlyList<int> labels, int size)
    {
        var means = vectors.Zip(labels).GroupBy(example => example.Second).ToDictionary(group => group.Key, group => Mean([.. group.Select(example => example.First)]));
        var (covariance, rest) = (new float[size * size], new float[size]);
        for (var example = 0; example < vectors.Count; example++)
        {
            TensorPrimitives.Subtract(vectors[example], means[labels[example]], rest);
            for (var i = 0; i < size; i++)
                AddTo(covariance.AsSpan(i * size, i + 1), rest.AsSpan(0, i + 1), rest[i] / vectors.Count);
        }
        return covariance;
    }

    static float[] Mean(IReadOnlyList<float[]> vectors)
    {
        var mean = new float[vectors[0].Length];
        foreach (var vector in vectors)
            TensorPrimitives.Add(mean, vector, mean);
        TensorPrimitives.Divide(mean, vectors.Count, mean);
        return mean;
    }

    /// <summary>The transpose of the inverse of the Cholesky factor; of <paramref name="matrix"/> only the lower triangle is read.</summary>
    static float[] InverseOfFactor(float[] matrix, int size)
    {
        for (var j = 0; j < size; j++)
            for (var i = j; i < size; i++)
            {
                var rest = matrix[i * size + j] - TensorPrimitives.Dot<float>(matrix.AsSpan(i * size, j), matrix.AsSpan(j * size, j));
                matrix[i * size + j] = i == j ? MathF.Sqrt(rest) : rest / matrix[j * size + j];
            }
        // Forward substitution on the identity; row j of the result is column j of the inverse.
        var inverse = new float[size * size];
        for (var j = 0; j < size; j++)
        {
            var column = inverse.AsSpan(j * size, size);
            for (var i = j; i < size; i++)
                column[i] = ((i == j ? 1 : 0) - TensorPrimitives.Dot<float>(matrix.AsSpan(i * size + j, i - j), column[j..i])) / matrix[i * size + i];
        }
        return inverse;
    }

    static void AddTo(Span<float> row, ReadOnlySpan<float> values, float factor) => TensorPrimitives.MultiplyAdd(values, factor, row, row);
}
