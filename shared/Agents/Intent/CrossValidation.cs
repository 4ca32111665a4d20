using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>What a model says about examples that it has not seen, and what follows from it.</summary>
/// <param name="Accuracy">The share that it gets right, 0 to 1.</param>
/// <param name="LogLoss">The mean negative log likelihood after calibration, in nats.</param>
/// <param name="Temperature">The calibration.</param>
/// <param name="Answers">What it said.</param>
sealed record CrossValidation(double Accuracy, double LogLoss, float Temperature, IReadOnlyList<CrossValidation.Answer> Answers)
{
    const int Folds = 5, FoldSeed = 3;

    /// <summary>Above this many examples one fold is enough to measure by, and all would take minutes.</summary>
    const int OneFoldFrom = 4000;

    /// <summary>The unnormalised log probabilities for one example, by its place in the list.</summary>
    public readonly record struct Answer(int Example, float[] Logits);

    /// <summary>Trains without each fold in turn and asks about it; the labels are spread evenly over the folds, and names of intents are always taught, never asked.
    /// <paramref name="report"/> hears after each fold how much is done and how much of it was right, both from 0 to 1.</summary>
    /// <param name="examples">Taught and asked.</param>
    /// <param name="train">Trains.</param>
    /// <param name="report">Hears of progress.</param>
    /// <param name="isSlow">Training takes so long that one fold has to be enough for any set.</param>
    public static CrossValidation Run(IReadOnlyList<Example> examples, Func<IReadOnlyList<Example>, HeadModel> train, Action<double, double> report, bool isSlow = false) =>
        Run(examples, train, report, isSlow || examples.Count >= OneFoldFrom ? 1 : Folds);

    /// <summary>As above, over the first <paramref name="folds"/> of five folds.</summary>
    public static CrossValidation Run(IReadOnlyList<Example> examples, Func<IReadOnlyList<Example>, HeadModel> train, Action<double, double> report, int folds)
    {
        var fold = Spread(examples);
        var answers = new List<Answer>();
        for (var held = 0; held < folds; held++)
        {
            using var model = train([.. examples.Where((_, i) => fold[i] != held)]);
            answers.AddRange(Enumerable.Range(0, examples.Count).Where(i => fold[i] == held).Select(i => new Answer(i, model.Logits(examples[i]))));
            report((held + 1.0) / folds, Right(examples, answers));
        }
        var (logits, targets) = (answers.ConvertAll(answer => answer.Logits), answers.ConvertAll(answer => examples[answer.Example].Label));
        var temperature = Intent.Temperature.Fit(logits, targets);
        return new(Right(examples, answers), Intent.Temperature.Loss(logits, targets, temperature, soft: 0), temperature, answers);
    }

    static double Right(IReadOnlyList<Example> examples, List<Answer> answers) =>
        (double)answers.Count(answer => TensorPrimitives.IndexOfMax<float>(answer.Logits) == examples[answer.Example].Label) / answers.Count;

    static int[] Spread(IReadOnlyList<Example> examples)
    {
        var order = Enumerable.Range(0, examples.Count).ToArray();
        new Random(FoldSeed).Shuffle(order);
        var (fold, next) = (new int[examples.Count], new Dictionary<int, int>());
        foreach (var example in order)
        {
            if (examples[example].IsName)
            {
                fold[example] = Folds;
                continue;
            }
            var seen = next.GetValueOrDefault(examples[example].Label, examples[example].Label);
            fold[example] = seen % Folds;
            next[examples[example].Label] = seen + 1;
        }
        return fold;
    }
}
