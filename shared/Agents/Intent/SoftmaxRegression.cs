using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>Multinomial logistic regression, fitted by stochastic gradient descent with a learning rate that falls linearly to zero and an L2
/// penalty kept as one common scale (Bottou 2012, Stochastic Gradient Descent Tricks, section 5.1). Deterministic for a seed.</summary>
sealed class SoftmaxRegression(int sparseRows, int denseRows, int labels)
{
    const float SmallestScale = 1e-3f, BiasRate = 0.1f;
    float scale = 1;

    /// <summary>sparseRows x labels, row-major.</summary>
    public float[] Sparse { get; } = new float[sparseRows * labels];

    /// <summary>denseRows x labels, row-major.</summary>
    public float[] Dense { get; } = new float[denseRows * labels];

    public float[] Bias { get; } = new float[labels];

    /// <summary>How the descent goes.</summary>
    /// <param name="Rate">The first learning rate.</param>
    /// <param name="Penalty">The L2 penalty.</param>
    /// <param name="Epochs">How often each example is seen.</param>
    /// <param name="Seed">Decides the order of the examples.</param>
    public sealed record Schedule(double Rate, double Penalty, int Epochs, int Seed);

    /// <summary>Fits the weights; checks <paramref name="cancellationToken"/> once an epoch.</summary>
    public void Fit(IReadOnlyList<Features> inputs, IReadOnlyList<int> targets, Schedule schedule, CancellationToken cancellationToken)
    {
        var random = new Random(schedule.Seed);
        var order = Enumerable.Range(0, inputs.Count).ToArray();
        var gradient = new float[labels];
        var (step, steps) = (0L, (double)schedule.Epochs * inputs.Count);
        for (var epoch = 0; epoch < schedule.Epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.Shuffle(order);
            foreach (var example in order)
            {
                var rate = schedule.Rate * (1 - step++ / steps);
                Logits(inputs[example], gradient);
                TensorPrimitives.SoftMax(gradient, gradient);
                gradient[targets[example]] -= 1;
                Decay(1 - rate * schedule.Penalty);
                Descend(inputs[example], gradient, rate);
            }
        }
        FoldScale();
    }

    /// <summary>Writes the unnormalised log probabilities of all labels.</summary>
    public void Logits(in Features input, Span<float> logits)
    {
        logits.Clear();
        for (var i = 0; i < input.Sparse.Index.Length; i++)
            TensorPrimitives.MultiplyAdd(Row(Sparse, (int)input.Sparse.Index[i]), input.Sparse.Weight[i], logits, logits);
        for (var i = 0; i < input.Dense.Length; i++)
            TensorPrimitives.MultiplyAdd(Row(Dense, i), input.Dense[i], logits, logits);
        TensorPrimitives.MultiplyAdd(logits, scale, Bias, logits);
    }

    void Descend(in Features input, ReadOnlySpan<float> gradient, double rate)
    {
        var step = (float)(-rate / scale);
        for (var i = 0; i < input.Sparse.Index.Length; i++)
            AddTo(Row(Sparse, (int)input.Sparse.Index[i]), gradient, input.Sparse.Weight[i] * step);
        for (var i = 0; i < input.Dense.Length; i++)
            AddTo(Row(Dense, i), gradient, input.Dense[i] * step);
        AddTo(Bias, gradient, (float)-rate * BiasRate);
    }

    void Decay(double factor)
    {
        scale *= (float)factor;
        if (scale < SmallestScale)
            FoldScale();
    }

    void FoldScale()
    {
        TensorPrimitives.Multiply(Sparse, scale, Sparse);
        TensorPrimitives.Multiply(Dense, scale, Dense);
        scale = 1;
    }

    static void AddTo(Span<float> row, ReadOnlySpan<float> gradient, float factor) => TensorPrimitives.MultiplyAdd(gradient, factor, row, row);

    Span<float> Row(float[] weights, int row) => weights.AsSpan(row * labels, labels);
}
