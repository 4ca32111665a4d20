using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>From hidden units to labels: one row of weights for each unit, row-major, and a bias for each label.</summary>
sealed class OutputLayer(int units, int labels)
{
    public int Units => units;

    public float[] Weights { get; } = new float[units * labels];

    public float[] Bias { get; } = new float[labels];

    /// <summary>One layer over the units of all <paramref name="networks"/>, one after the other, that gives <paramref name="factor"/> x the mean of what they give.</summary>
    public static OutputLayer Mean(IReadOnlyList<OutputLayer> networks, float factor)
    {
        var (mean, row) = (new OutputLayer(networks.Sum(network => network.Units), networks[0].Bias.Length), 0);
        foreach (var network in networks)
        {
            TensorPrimitives.Multiply(network.Weights, factor / networks.Count, mean.Weights.AsSpan(row));
            TensorPrimitives.MultiplyAdd(network.Bias, factor / networks.Count, mean.Bias, mean.Bias);
            row += network.Weights.Length;
        }
        return mean;
    }

    /// <summary>Writes the unnormalised log probabilities; units at zero are skipped.</summary>
    public void Map(ReadOnlySpan<float> hidden, Span<float> logits)
    {
        Bias.CopyTo(logits);
        for (var unit = 0; unit < units; unit++)
            if (hidden[unit] != 0)
                TensorPrimitives.MultiplyAdd(Row(unit), hidden[unit], logits, logits);
    }

    /// <summary>Writes the derivative by each unit that is not at zero, then moves the weights by <paramref name="step"/> along the derivative by the labels.</summary>
    public void Move(ReadOnlySpan<float> hidden, ReadOnlySpan<float> derivative, Span<float> hiddenDerivative, float step)
    {
        hiddenDerivative.Clear();
        for (var unit = 0; unit < units; unit++)
            if (hidden[unit] != 0)
            {
                hiddenDerivative[unit] = TensorPrimitives.Dot(Row(unit), derivative);
                TensorPrimitives.MultiplyAdd(derivative, step * hidden[unit], Row(unit), Row(unit));
            }
        TensorPrimitives.MultiplyAdd(derivative, step, Bias, Bias);
    }

    Span<float> Row(int unit) => Weights.AsSpan(unit * labels, labels);
}
