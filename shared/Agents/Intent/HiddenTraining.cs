using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>Fits one hidden layer of rectified units over n-grams and sentence vector, by stochastic gradient descent on the cross entropy with a rate that falls
/// linearly to zero. Units drop out at random while it learns (Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html). Deterministic for a seed.</summary>
/// <param name="Rate">The first learning rate.</param>
/// <param name="Dropout">The share of units that are left out for an example.</param>
/// <param name="Epochs">How often each example is seen.</param>
/// <param name="Seed">Decides first weights, dropout and the order of the examples.</param>
sealed record HiddenTraining(float Rate, float Dropout, int Epochs, int Seed)
{
    /// <summary>How many hidden units there are. Measured on Banking77: 128, 256 and 512 are within half a point of each other.</summary>
    public const int Units = 128;

    const float FirstWeight = 0.05f;
    static readonly CrossEntropy loss = new();

    /// <summary>Fits both layers from random first weights; checks <paramref name="cancellationToken"/> once an epoch.</summary>
    public void Fit(FeatureMap first, OutputLayer second, IReadOnlyList<Features> inputs, IReadOnlyList<int> targets, CancellationToken cancellationToken)
    {
        var random = new Random(Seed);
        Scatter(first.Dense, FirstWeight * MathF.Sqrt(3), random);
        Scatter(first.Sparse, FirstWeight, random);
        Scatter(second.Weights, MathF.Sqrt(3f / first.Width), random);
        var order = Enumerable.Range(0, inputs.Count).ToArray();
        var (hidden, hiddenDerivative, derivative) = (new float[first.Width], new float[first.Width], new float[second.Bias.Length]);
        var (step, steps) = (0L, (float)Epochs * inputs.Count);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.Shuffle(order);
            foreach (var example in order)
            {
                var rate = Rate * (1 - step++ / steps);
                first.Map(inputs[example], hidden);
                TensorPrimitives.Max(hidden, 0, hidden);
                Drop(hidden, random);
                second.Map(hidden, derivative);
                loss.Differentiate(derivative, targets[example]);
                second.Move(hidden, derivative, hiddenDerivative, -rate);
                first.Move(inputs[example], hiddenDerivative, -rate / (1 - Dropout), -rate / (1 - Dropout));
            }
        }
    }

    /// <summary>Those that stay speak louder, so that the sum is what it is without dropout.</summary>
    void Drop(Span<float> hidden, Random random)
    {
        foreach (ref var unit in hidden)
            unit = random.NextSingle() < Dropout ? 0 : unit / (1 - Dropout);
    }

    static void Scatter(Span<float> weights, float bound, Random random)
    {
        foreach (ref var weight in weights)
            weight = (2 * random.NextSingle() - 1) * bound;
    }
}
