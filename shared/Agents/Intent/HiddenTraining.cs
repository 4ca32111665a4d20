using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>Fits several small networks at once, each with one hidden layer of rectified units over n-grams and sentence vector, by stochastic gradient descent on the cross entropy
/// with a rate that falls linearly to zero. Units and n-grams drop out at random while they learn (Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html); networks
/// that started elsewhere err elsewhere, so their mean is better than each (Hansen and Salamon 1990, https://doi.org/10.1109/34.58871). Deterministic for a seed.</summary>
/// <param name="Rate">The first learning rate.</param>
/// <param name="Dropout">The share of units that are left out for an example.</param>
/// <param name="InputDropout">The share of n-grams that are left out for an example.</param>
/// <param name="Epochs">How often each example is seen.</param>
/// <param name="Seed">Decides first weights, dropout and the order of the examples.</param>
sealed record HiddenTraining(float Rate, float Dropout, float InputDropout, int Epochs, int Seed)
{
    /// <summary>How many networks there are, and how many hidden units each has.</summary>
    public const int Networks = 2, Units = 64;

    const float FirstWeight = 0.05f;
    static readonly CrossEntropy loss = new();

    /// <summary>Fits <paramref name="first"/>, which holds the units of all networks beside each other, from random weights, and returns their output layers; checks
    /// <paramref name="cancellationToken"/> once an epoch.</summary>
    public OutputLayer[] Fit(FeatureMap first, int labels, IReadOnlyList<Features> inputs, IReadOnlyList<int> targets, CancellationToken cancellationToken)
    {
        var random = new Random(Seed);
        Scatter(first.Dense, FirstWeight * MathF.Sqrt(3), random);
        Scatter(first.Sparse, FirstWeight, random);
        OutputLayer[] networks = [.. Enumerable.Range(0, Networks).Select(_ => new OutputLayer(Units, labels))];
        foreach (var network in networks)
            Scatter(network.Weights, MathF.Sqrt(3f / Units), random);
        var order = Enumerable.Range(0, inputs.Count).ToArray();
        var (hidden, hiddenDerivative, derivative) = (new float[first.Width], new float[first.Width], new float[labels]);
        var weights = LabelWeights.Of(targets, labels);
        var (step, steps) = (0L, (float)Epochs * inputs.Count);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.Shuffle(order);
            foreach (var example in order)
            {
                var rate = Rate * (1 - step++ / steps);
                var input = inputs[example] with { Sparse = Thinned(inputs[example].Sparse, random) };
                first.Map(input, hidden);
                TensorPrimitives.Max(hidden, 0, hidden);
                Drop(hidden, Dropout, random);
                for (var network = 0; network < Networks; network++)
                {
                    var own = (network * Units)..((network + 1) * Units);
                    networks[network].Map(hidden.AsSpan(own), derivative);
                    loss.Differentiate(derivative, targets[example]);
                    TensorPrimitives.Multiply(derivative, weights[targets[example]], derivative);
                    networks[network].Move(hidden.AsSpan(own), derivative, hiddenDerivative.AsSpan(own), -rate);
                }
                first.Move(input, hiddenDerivative, -rate / (1 - Dropout), -rate / (1 - Dropout));
            }
        }
        return networks;
    }

    SparseVector Thinned(SparseVector grams, Random random)
    {
        var weight = (float[])grams.Weight.Clone();
        Drop(weight, InputDropout, random);
        return grams with { Weight = weight };
    }

    /// <summary>Those that stay speak louder, so that the sum is what it is without dropout.</summary>
    static void Drop(Span<float> values, float share, Random random)
    {
        foreach (ref var value in values)
            value = value == 0 || random.NextSingle() < share ? 0 : value / (1 - share);
    }

    static void Scatter(Span<float> weights, float bound, Random random)
    {
        foreach (ref var weight in weights)
            weight = (2 * random.NextSingle() - 1) * bound;
    }
}
