namespace AiOs.Agents.Intent;

/// <summary>A fitted classifier in memory: what it knows of the inputs, and the weights.</summary>
sealed record HeadModel(FeatureSpace Space, SoftmaxRegression Weights, int Labels)
{
    const double Rate = 5, Penalty = 1e-5;
    const int Seed = 1, FewestEpochs = 12, MostEpochs = 30, ExampleVisits = 150_000;

    /// <summary>Fits the weights; small sets are gone through more often. Measured on Banking77 and CLINC150: rates from 5 to 20 and penalties
    /// from 1e-5 to 1e-4 are within half a point of each other.</summary>
    public static HeadModel Fit(IReadOnlyList<Example> examples, int labels, int vocabularyLimit, CancellationToken cancellationToken)
    {
        var space = FeatureSpace.Learn(examples, vocabularyLimit);
        var weights = new SoftmaxRegression(space.Vocabulary.Count, space.Mean.Length, labels);
        var schedule = new SoftmaxRegression.Schedule(Rate, Penalty, Math.Clamp(ExampleVisits / examples.Count, FewestEpochs, MostEpochs), Seed);
        weights.Fit([.. examples.Select(space.Place)], [.. examples.Select(example => example.Label)], schedule, cancellationToken);
        return new(space, weights, labels);
    }

    /// <summary>The unnormalised log probabilities of all labels.</summary>
    public float[] Logits(Example example)
    {
        var logits = new float[Labels];
        Weights.Logits(Space.Place(example), logits);
        return logits;
    }
}
