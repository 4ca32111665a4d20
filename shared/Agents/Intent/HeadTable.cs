using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>The weights of all voters of a head beside each other: hidden units in front, voter after voter, then one column for each label, in which the linear voters are one.</summary>
sealed class HeadTable
{
    readonly float[] plain, whitened;

    HeadTable(HeadModel model)
    {
        (Labels, HiddenUnits) = (model.Labels, model.Voters.Sum(voter => voter.Output?.Units ?? 0));
        var (rows, size) = (model.Space.Vocabulary.Count, model.Space.Mean.Length);
        (Sparse, Bias, Output) = (new float[rows * Width], new float[Width], new float[HiddenUnits * Labels]);
        (plain, whitened) = (new float[size * Width], new float[model.Space.Whitening.Length == 0 ? 0 : size * Width]);
        var column = 0;
        foreach (var (view, first, output) in model.Voters)
        {
            var start = output is null ? HiddenUnits : column;
            Place(first.Sparse, first.Width, Sparse, start);
            Place(first.Dense, first.Width, view == View.Plain ? plain : whitened, start);
            Place(first.Bias, first.Width, Bias, start);
            if (output is null)
                continue;
            output.Weights.CopyTo(Output.AsSpan(column * Labels));
            TensorPrimitives.Add(Bias.AsSpan(HiddenUnits), output.Bias, Bias.AsSpan(HiddenUnits));
            column += output.Units;
        }
    }

    public int Labels { get; }

    public int HiddenUnits { get; }

    /// <summary>How many columns there are.</summary>
    public int Width => HiddenUnits + Labels;

    /// <summary>One row for each n-gram.</summary>
    public float[] Sparse { get; }

    /// <summary>Of the hidden units, and of the labels.</summary>
    public float[] Bias { get; }

    /// <summary>From hidden units to labels.</summary>
    public float[] Output { get; }

    public static HeadTable Of(HeadModel model) => new(model);

    /// <summary>One row for each number of the sentence vector as this view has it; empty where nobody looks at it so.</summary>
    public float[] Dense(View view) => view == View.Plain ? plain : whitened;

    void Place(float[] weights, int width, float[] into, int column)
    {
        for (var row = 0; row < weights.Length / width; row++)
        {
            var target = into.AsSpan(row * Width + column, width);
            TensorPrimitives.Add(target, weights.AsSpan(row * width, width), target);
        }
    }
}
