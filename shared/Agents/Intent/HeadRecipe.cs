using AiOs.Agents.Intent.Tuning;

namespace AiOs.Agents.Intent;

/// <summary>How a head is made: who votes. Measured by cross-validation on Banking77 and CLINC150 (docs/decisions/0009).</summary>
sealed record HeadRecipe(IReadOnlyList<VoterRecipe> Voters)
{
    const int CouncilFrom = 400, CouncilLabels = 40;

    /// <summary>Two linear classifiers by cross entropy, one of each view: with the vectors of MiniLM a point better than one on two of the sample apps, and no worse on the third.</summary>
    static readonly HeadRecipe linear = new([LinearRecipe.Competing(View.Plain, 1), LinearRecipe.Competing(View.Whitened, 1)]);

    /// <summary>Small networks of both views vote with the classifier by margins: 2.7 points better than one linear classifier with 10 examples of each of Banking77's labels.</summary>
    static readonly HeadRecipe council = new([new HiddenRecipe(View.Plain, 1), new HiddenRecipe(View.Whitened, 1), LinearRecipe.Margins(6)]);

    /// <summary>How the encoder is tuned on the examples, whose tuned layers vote too; null where it stays as it is.</summary>
    public FineTuning? Tuning { get; init; }

    /// <summary>How many hidden units there are in all.</summary>
    public int HiddenUnits => Voters.Sum(voter => voter.HiddenUnits);

    /// <summary>The recipe for so many examples of so many labels. A small set stays with what is fitted in a second, and so does one of few labels: there a council was no better on the sample apps.</summary>
    public static HeadRecipe For(int examples, int labels) => examples < CouncilFrom || labels < CouncilLabels ? linear : council;

    /// <summary>The recipe of linear classifiers alone, for those who fit many heads to learn about a set.</summary>
    public static HeadRecipe Quick => linear;
}
