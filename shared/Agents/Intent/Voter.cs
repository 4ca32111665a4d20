using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>One classifier of a head. What all of them say is added up, so each carries its share of the vote in its weights.</summary>
/// <param name="View">How it looks at the sentence vector.</param>
/// <param name="First">The first layer; without <paramref name="Output"/> the only one, whose outputs are the labels.</param>
/// <param name="Output">From rectified hidden units to labels.</param>
sealed record Voter(View View, FeatureMap First, OutputLayer? Output)
{
    /// <summary>Adds what it says of an example to the unnormalised log probabilities.</summary>
    public void Vote(in PlacedExample example, Span<float> logits)
    {
        var outputs = new float[First.Width];
        First.Map(example.Seen(View), outputs);
        if (Output is null)
        {
            TensorPrimitives.Add(logits, outputs, logits);
            return;
        }
        TensorPrimitives.Max(outputs, 0, outputs);
        var said = new float[logits.Length];
        Output.Map(outputs, said);
        TensorPrimitives.Add(logits, said, logits);
    }
}
