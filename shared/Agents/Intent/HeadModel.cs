using System.Numerics.Tensors;
using AiOs.Agents.Intent.Tuning;

namespace AiOs.Agents.Intent;

/// <summary>A fitted classifier in memory: what it knows of the inputs, and those who vote.</summary>
/// <param name="Space">What it knows of the inputs.</param>
/// <param name="Voters">Those who vote by n-grams and sentence vector.</param>
/// <param name="Labels">How many labels there are.</param>
/// <param name="Tuned">The tuned encoder, which votes too; null where it stays as it is.</param>
sealed record HeadModel(FeatureSpace Space, IReadOnlyList<Voter> Voters, int Labels, TunedEncoder? Tuned) : IDisposable
{
    /// <summary>Fits by <paramref name="recipe"/>; small sets are gone through more often. <paramref name="report"/> hears how far the tuning is, from 0 to 1.</summary>
    public static HeadModel Fit(IReadOnlyList<Example> examples, int labels, HeadRecipe recipe, CancellationToken cancellationToken, Action<double>? report = null)
    {
        var whitened = recipe.Voters.Any(voter => voter.View == View.Whitened);
        var space = FeatureSpace.Learn(examples, HeadExport.RowLimit(recipe.HiddenUnits, labels, examples[0].Embedding.Length, whitened), whitened);
        PlacedExample[] inputs = [.. examples.Select(space.Place)];
        int[] targets = [.. examples.Select(example => example.Label)];
        var voters = recipe.Voters.AsParallel().AsOrdered().WithCancellation(cancellationToken)
            .Select(voter => voter.Fit([.. inputs.Select(input => input.Seen(voter.View))], targets, labels, space, cancellationToken));
        return new(space, [.. voters], labels, recipe.Tuning?.Fit(examples, labels, report, cancellationToken));
    }

    /// <summary>The unnormalised log probabilities of all labels.</summary>
    public float[] Logits(Example example)
    {
        var (placed, logits) = (Space.Place(example), new float[Labels]);
        foreach (var voter in Voters)
            voter.Vote(placed, logits);
        if (Tuned is not null)
            TensorPrimitives.Add(logits, Tuned.Ask(example.States), logits);
        return logits;
    }

    public void Dispose() => Tuned?.Dispose();
}
