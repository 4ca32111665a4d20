using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>A fitted classifier in memory: what it knows of the inputs, and the weights; without <paramref name="Output"/> the first layer is the only one.</summary>
sealed record HeadModel(FeatureSpace Space, FeatureMap First, OutputLayer? Output, int Labels)
{
    const double Penalty = 1e-5, CompetingRate = 5, MarginRate = 0.3;
    const float HiddenRate = 0.1f, Dropout = 0.3f;
    const int Seed = 1, FewestEpochs = 12, MostEpochs = 90, ExampleVisits = 150_000;

    /// <summary>What a margin of one is worth in nats when both linear classifiers vote.</summary>
    const float MarginVote = 6;

    /// <summary>Fits by <paramref name="recipe"/>; small sets are gone through more often.</summary>
    public static HeadModel Fit(IReadOnlyList<Example> examples, int labels, HeadRecipe recipe, CancellationToken cancellationToken)
    {
        var width = recipe == HeadRecipe.Hidden ? HiddenTraining.Units : labels;
        var space = FeatureSpace.Learn(examples, HeadExport.RowLimit(width, labels));
        Features[] inputs = [.. examples.Select(space.Place)];
        int[] targets = [.. examples.Select(example => example.Label)];
        var epochs = Math.Clamp(ExampleVisits / examples.Count, FewestEpochs, MostEpochs);
        if (recipe != HeadRecipe.Hidden)
            return new(space, Linear(Blank, inputs, targets, epochs, recipe, cancellationToken), null, labels);
        var (first, second) = (Blank(), new OutputLayer(width, labels));
        new HiddenTraining(HiddenRate, Dropout, epochs, Seed).Fit(first, second, inputs, targets, cancellationToken);
        return new(space, first, second, labels);

        FeatureMap Blank() => new(space.Vocabulary.Count, space.Mean.Length, width);
    }

    /// <summary>The unnormalised log probabilities of all labels.</summary>
    public float[] Logits(Example example)
    {
        var outputs = new float[First.Width];
        First.Map(Space.Place(example), outputs);
        if (Output is null)
            return outputs;
        TensorPrimitives.Max(outputs, 0, outputs);
        var logits = new float[Labels];
        Output.Map(outputs, logits);
        return logits;
    }

    /// <summary>Rates, penalties and votes within a factor of two are alike.</summary>
    static FeatureMap Linear(Func<FeatureMap> blank, Features[] inputs, int[] targets, int epochs, HeadRecipe recipe, CancellationToken cancellationToken)
    {
        List<LinearTraining> trainings = [new(new CrossEntropy(), CompetingRate, Penalty, epochs, Seed)];
        if (recipe == HeadRecipe.Voting)
            trainings.Add(new(new SquaredHinge(), MarginRate, Penalty, epochs, Seed));
        var fitted = trainings.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(training =>
        {
            var map = blank();
            training.Fit(map, inputs, targets, cancellationToken);
            return map;
        }).ToArray();
        foreach (var voter in fitted[1..])
            fitted[0].Add(voter, MarginVote);
        return fitted[0];
    }
}
