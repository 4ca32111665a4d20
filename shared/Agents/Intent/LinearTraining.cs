using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>Fits a linear classifier by stochastic gradient descent with a learning rate that falls linearly to zero and an L2
/// penalty kept as one common scale (Bottou 2012, Stochastic Gradient Descent Tricks, section 5.1). Deterministic for a seed.</summary>
/// <param name="Loss">What is made small.</param>
/// <param name="Rate">The first learning rate.</param>
/// <param name="Penalty">The L2 penalty.</param>
/// <param name="Epochs">How often each example is seen.</param>
/// <param name="Seed">Decides the order of the examples.</param>
sealed record LinearTraining(ILoss Loss, double Rate, double Penalty, int Epochs, int Seed)
{
    const float SmallestScale = 1e-3f, BiasRate = 0.1f;

    /// <summary>Fits <paramref name="map"/>, which starts at zero; checks <paramref name="cancellationToken"/> once an epoch.</summary>
    public void Fit(FeatureMap map, IReadOnlyList<Features> inputs, IReadOnlyList<int> targets, CancellationToken cancellationToken)
    {
        var random = new Random(Seed);
        var order = Enumerable.Range(0, inputs.Count).ToArray();
        var (derivative, weights) = (new float[map.Width], LabelWeights.Of(targets, map.Width));
        var (step, steps, scale) = (0L, (double)Epochs * inputs.Count, 1f);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.Shuffle(order);
            foreach (var example in order)
            {
                var rate = Rate * (1 - step++ / steps);
                map.Map(inputs[example], derivative, scale);
                Loss.Differentiate(derivative, targets[example]);
                TensorPrimitives.Multiply(derivative, weights[targets[example]], derivative);
                scale *= (float)(1 - rate * Penalty);
                if (scale < SmallestScale)
                {
                    map.Scale(scale);
                    scale = 1;
                }
                map.Move(inputs[example], derivative, (float)(-rate / scale), (float)-rate * BiasRate);
            }
        }
        map.Scale(scale);
    }
}
