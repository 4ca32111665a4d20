namespace AiOs.Agents.Intent;

/// <summary>How one classifier of a head is fitted, and what its word counts.</summary>
/// <param name="View">How it looks at the sentence vector.</param>
/// <param name="Vote">What its outputs are multiplied by.</param>
abstract record VoterRecipe(View View, float Vote)
{
    protected const int Seed = 1;

    /// <summary>How many hidden units it has; 0 for a linear classifier.</summary>
    public abstract int HiddenUnits { get; }

    public abstract Voter Fit(IReadOnlyList<Features> inputs, IReadOnlyList<int> targets, int labels, FeatureSpace space, CancellationToken cancellationToken);
}

/// <summary>A linear classifier by stochastic gradient descent. Rates, penalties and votes within a factor of two are alike.</summary>
sealed record LinearRecipe(View View, float Vote, ILoss Loss, double Rate) : VoterRecipe(View, Vote)
{
    const double Penalty = 1e-5;
    const int FewestEpochs = 12, MostEpochs = 90, ExampleVisits = 150_000;

    /// <summary>All labels compete: best with few examples.</summary>
    public static LinearRecipe Competing(View view, float vote) => new(view, vote, new CrossEntropy(), 5);

    /// <summary>Each label against all others by a margin, which is worth <paramref name="vote"/> nats: best with many.</summary>
    public static LinearRecipe Margins(float vote) => new(View.Plain, vote, new SquaredHinge(), 0.3);

    public override int HiddenUnits => 0;

    public override Voter Fit(IReadOnlyList<Features> inputs, IReadOnlyList<int> targets, int labels, FeatureSpace space, CancellationToken cancellationToken)
    {
        var (map, vote) = (new FeatureMap(space.Vocabulary.Count, space.Mean.Length, labels), new FeatureMap(space.Vocabulary.Count, space.Mean.Length, labels));
        new LinearTraining(Loss, Rate, Penalty, Math.Clamp(ExampleVisits / inputs.Count, FewestEpochs, MostEpochs), Seed).Fit(map, inputs, targets, cancellationToken);
        vote.Add(map, Vote);
        return new(View, vote, null);
    }
}

/// <summary>Small networks with one hidden layer each, whose mean counts (<see cref="HiddenTraining"/>).</summary>
sealed record HiddenRecipe(View View, float Vote) : VoterRecipe(View, Vote)
{
    const float Rate = 0.1f, Dropout = 0.3f, InputDropout = 0.2f;
    const int FewestEpochs = 14, MostEpochs = 60, ExampleVisits = 60_000;

    public override int HiddenUnits => HiddenTraining.Networks * HiddenTraining.Units;

    public override Voter Fit(IReadOnlyList<Features> inputs, IReadOnlyList<int> targets, int labels, FeatureSpace space, CancellationToken cancellationToken)
    {
        var first = new FeatureMap(space.Vocabulary.Count, space.Mean.Length, HiddenUnits);
        var epochs = Math.Clamp(ExampleVisits / inputs.Count, FewestEpochs, MostEpochs);
        var networks = new HiddenTraining(Rate, Dropout, InputDropout, epochs, Seed + (int)View).Fit(first, labels, inputs, targets, cancellationToken);
        return new(View, first, OutputLayer.Mean(networks, Vote));
    }
}
