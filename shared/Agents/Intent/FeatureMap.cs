using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>A linear map from features to <paramref name="width"/> outputs: one row of weights for each n-gram and each number of the sentence vector.</summary>
sealed class FeatureMap(int sparseRows, int denseRows, int width)
{
    /// <summary>How many outputs there are.</summary>
    public int Width => width;

    /// <summary>One row for each n-gram, row-major.</summary>
    public float[] Sparse { get; } = new float[sparseRows * width];

    /// <summary>One row for each number of the sentence vector, row-major.</summary>
    public float[] Dense { get; } = new float[denseRows * width];

    public float[] Bias { get; } = new float[width];

    /// <summary>Writes <paramref name="scale"/> x weights x input + bias.</summary>
    public void Map(in Features input, Span<float> outputs, float scale = 1)
    {
        outputs.Clear();
        for (var i = 0; i < input.Sparse.Index.Length; i++)
            if (input.Sparse.Weight[i] != 0)
                TensorPrimitives.MultiplyAdd(Row(Sparse, (int)input.Sparse.Index[i]), input.Sparse.Weight[i], outputs, outputs);
        for (var i = 0; i < input.Dense.Length; i++)
            TensorPrimitives.MultiplyAdd(Row(Dense, i), input.Dense[i], outputs, outputs);
        TensorPrimitives.MultiplyAdd(outputs, scale, Bias, outputs);
    }

    /// <summary>Moves the weights by <paramref name="step"/> and the biases by <paramref name="biasStep"/> along the derivative by the outputs.</summary>
    public void Move(in Features input, ReadOnlySpan<float> derivative, float step, float biasStep)
    {
        for (var i = 0; i < input.Sparse.Index.Length; i++)
            if (input.Sparse.Weight[i] != 0)
                AddTo(Row(Sparse, (int)input.Sparse.Index[i]), derivative, input.Sparse.Weight[i] * step);
        for (var i = 0; i < input.Dense.Length; i++)
            AddTo(Row(Dense, i), derivative, input.Dense[i] * step);
        AddTo(Bias, derivative, biasStep);
    }

    /// <summary>Adds another map, times <paramref name="factor"/>: linear classifiers that vote are one linear classifier.</summary>
    public void Add(FeatureMap other, float factor)
    {
        AddTo(Sparse, other.Sparse, factor);
        AddTo(Dense, other.Dense, factor);
        AddTo(Bias, other.Bias, factor);
    }

    /// <summary>Multiplies the weights, not the biases.</summary>
    public void Scale(float factor)
    {
        TensorPrimitives.Multiply(Sparse, factor, Sparse);
        TensorPrimitives.Multiply(Dense, factor, Dense);
    }

    static void AddTo(Span<float> row, ReadOnlySpan<float> values, float factor) => TensorPrimitives.MultiplyAdd(values, factor, row, row);

    Span<float> Row(float[] weights, int row) => weights.AsSpan(row * width, width);
}
