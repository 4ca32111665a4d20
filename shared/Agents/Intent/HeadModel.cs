namespace AiOs.Agents.Intent;

/// <summary>A fitted classifier in memory: what it knows of the inputs, and those who vote.</summary>
sealed record HeadModel(FeatureSpace Space, IReadOnlyList<Voter> Voters, int Labels)
{
    /// <summary>Fits by <paramref name="recipe"/>; small sets are gone through more often.</summary>
    public static HeadModel Fit(IReadOnlyList<Example> examples, int labels, HeadRecipe recipe, CancellationToken cancellationToken)
    {
        var whitened = recipe.Voters.Any(voter => voter.View == View.Whitened);
        var space = FeatureSpace.Learn(examples, HeadExport.RowLimit(recipe.HiddenUnits, labels, examples[0].Embedding.Length, whitened), whitened);
        PlacedExample[] inputs = [.. examples.Select(space.Place)];
        int[] targets = [.. examples.Select(example => example.Label)];
        var voters = recipe.Voters.AsParallel().AsOrdered().WithCancellation(cancellationToken)
            .Select(voter => voter.Fit([.. inputs.Select(input => input.Seen(voter.View))], targets, labels, space, cancellationToken));
        return new(space, [.. voters], labels);
    }

    /// <summary>The unnormalised log probabilities of all labels.</summary>
    public float[] Logits(Example example)
    {
        var (placed, logits) = (Space.Place(example), new float[Labels]);
        foreach (var voter in Voters)
            voter.Vote(placed, logits);
        return logits;
    }
}
