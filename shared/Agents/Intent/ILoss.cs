using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>What training makes small.</summary>
interface ILoss
{
    /// <summary>Puts the derivative of the loss by each output in place of the outputs.</summary>
    void Differentiate(Span<float> outputs, int target);
}

/// <summary>The negative log likelihood of the right label, all labels competing.</summary>
sealed class CrossEntropy : ILoss
{
    public void Differentiate(Span<float> outputs, int target)
    {
        TensorPrimitives.SoftMax(outputs, outputs);
        outputs[target] -= 1;
    }
}

/// <summary>Each label against all others: the square of what an output lacks to stand on its side of the margin (the L2-loss support vector machine,
/// Fan et al. 2008, LIBLINEAR, section 2). It errs on other messages than <see cref="CrossEntropy"/> does.</summary>
sealed class SquaredHinge : ILoss
{
    public void Differentiate(Span<float> outputs, int target)
    {
        var right = Math.Min(outputs[target] - 1, 0);
        TensorPrimitives.Add(outputs, 1, outputs);
        TensorPrimitives.Max(outputs, 0, outputs);
        outputs[target] = right;
    }
}
