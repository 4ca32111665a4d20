using System.Numerics;
using System.Numerics.Tensors;

namespace AiOs.Models.FineTuning;

/// <summary>Moves parameters against their gradients by Adam with decoupled weight decay (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2). Gradients that are together longer than 1
/// are shortened to 1. Decay draws matrices alone.</summary>
internal sealed class AdamW
{
    const float FirstMoment = 0.9f, SecondMoment = 0.98f, Smallest = 1e-8f, Decay = 0.01f, LongestGradient = 1;
    readonly Learnt[] all;
    int steps;

    sealed record Learnt(Parameter Parameter, float Rate, float[] Gradient, float[] Mean, float[] Square);

    /// <param name="parameters">What is learnt, each with its learning rate at full speed.</param>
    public AdamW(IEnumerable<(Parameter Parameter, float Rate)> parameters) =>
        all = [.. parameters.Select(one => new Learnt(one.Parameter, one.Rate, new float[one.Parameter.Values.Length], new float[one.Parameter.Values.Length], new float[one.Parameter.Values.Length]))];

    /// <summary>The parameters with the places where their gradients have to be before <see cref="Step"/>.</summary>
    public IEnumerable<(Parameter Parameter, float[] Gradient)> Gradients => all.Select(learnt => (learnt.Parameter, learnt.Gradient));

    /// <summary>One step at <paramref name="speed"/> (0 to 1) of the learning rates.</summary>
    public void Step(float speed)
    {
        var length = MathF.Sqrt((float)all.Sum(learnt => (double)TensorPrimitives.SumOfSquares<float>(learnt.Gradient)));
        var factor = length > LongestGradient ? LongestGradient / length : 1;
        steps++;
        var (first, second) = (1 / (1 - MathF.Pow(FirstMoment, steps)), 1 / (1 - MathF.Pow(SecondMoment, steps)));
        Parallel.ForEach(all, learnt => Move(learnt, factor, learnt.Rate * speed, first, second));
    }

    static void Move(Learnt learnt, float factor, float rate, float first, float second)
    {
        var (values, gradients, means, squares) = (learnt.Parameter.Values, learnt.Gradient, learnt.Mean, learnt.Square);
        var keep = learnt.Parameter.IsMatrix ? 1 - rate * Decay : 1;
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var gradient = new Vector<float>(gradients, i) * factor;
            var mean = new Vector<float>(means, i) * FirstMoment + gradient * (1 - FirstMoment);
            var square = new Vector<float>(squares, i) * SecondMoment + gradient * gradient * (1 - SecondMoment);
            mean.CopyTo(means, i);
            square.CopyTo(squares, i);
            (new Vector<float>(values, i) * keep - mean * (rate * first) / (Vector.SquareRoot(square * second) + new Vector<float>(Smallest))).CopyTo(values, i);
        }
        for (; i < values.Length; i++)
        {
            var gradient = gradients[i] * factor;
            means[i] = means[i] * FirstMoment + gradient * (1 - FirstMoment);
            squares[i] = squares[i] * SecondMoment + gradient * gradient * (1 - SecondMoment);
            values[i] = values[i] * keep - means[i] * (rate * first) / (MathF.Sqrt(squares[i] * second) + Smallest);
        }
    }
}
