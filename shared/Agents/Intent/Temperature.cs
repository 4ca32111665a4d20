using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>Temperature scaling: logits are divided by one number so that a confidence is the share of such answers that are right
/// (Guo et al. 2017, https://arxiv.org/abs/1706.04599). The number minimises the log loss on examples that the model has not seen.</summary>
static class Temperature
{
    const double Lowest = 0.05, Highest = 20;
    const int Steps = 40;

    /// <summary>The best temperature for <paramref name="logits"/> (one row per target), by golden section over its logarithm, where the loss has one valley.
    /// Targets are softened as Platt did, so that a few examples without a mistake do not promise certainty.</summary>
    public static float Fit(IReadOnlyList<float[]> logits, IReadOnlyList<int> targets)
    {
        var soft = 1.0 / (logits.Count + 2);
        var golden = (Math.Sqrt(5) - 1) / 2;
        var (low, high) = (Math.Log(Lowest), Math.Log(Highest));
        for (var step = 0; step < Steps; step++)
        {
            var (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if (Loss(logits, targets, Math.Exp(left), soft) < Loss(logits, targets, Math.Exp(right), soft))
                high = right;
            else
                low = left;
        }
        return (float)Math.Exp((low + high) / 2);
    }

    /// <summary>The mean negative log likelihood at <paramref name="temperature"/>, where each target gives away <paramref name="soft"/> of its mass to all labels alike.</summary>
    public static double Loss(IReadOnlyList<float[]> logits, IReadOnlyList<int> targets, double temperature, double soft)
    {
        var (sum, scaled) = (0.0, new float[logits[0].Length]);
        for (var row = 0; row < logits.Count; row++)
        {
            TensorPrimitives.Divide(logits[row], (float)temperature, scaled);
            var peak = TensorPrimitives.Max<float>(scaled);
            var target = (1 - soft) * scaled[targets[row]] + soft * TensorPrimitives.Sum<float>(scaled) / scaled.Length;
            TensorPrimitives.Subtract(scaled, peak, scaled);
            TensorPrimitives.Exp(scaled, scaled);
            sum += peak + Math.Log(TensorPrimitives.Sum<float>(scaled)) - target;
        }
        return sum / logits.Count;
    }
}
