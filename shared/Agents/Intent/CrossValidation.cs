using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>What a model says about examples that it has not seen, and what follows from it.</summary>
/// <param name="Accuracy">The share that it gets right, 0 to 1.</param>
/// <param name="LogLoss">The mean negative log likelihood after calibration, in nats.</param>
/// <param name="Temperature">The calibration.</param>
sealed record CrossValidation(double Accuracy, double LogLoss, float Temperature)
{
    const int Folds = 5, FoldSeed = 3;

    /// <summary>Above this many examples one fold is enough to measure by, and all would take minutes.</summary>
    const int OneFoldFrom = 4000;

    /// <summary>Trains without each fold in turn and asks about it; the labels are spread evenly over the folds.</summary>
    public static CrossValidation Run(IReadOnlyList<Example> examples, Func<IReadOnlyList<Example>, HeadModel> train, Action<double> report)
    {
        var fold = Spread(examples);
        var folds = examples.Count < OneFoldFrom ? Folds : 1;
        var (logits, targets) = (new List<float[]>(), new List<int>());
        for (var held = 0; held < folds; held++)
        {
            var model = train([.. examples.Where((_, i) => fold[i] != held)]);
            foreach (var example in examples.Where((_, i) => fold[i] == held))
            {
                logits.Add(model.Logits(example));
                targets.Add(example.Label);
            }
            report((held + 1.0) / folds);
        }
        var right = logits.Zip(targets).Count(row => TensorPrimitives.IndexOfMax<float>(row.First) == row.Second);
        var temperature = Intent.Temperature.Fit(logits, targets);
        return new((double)right / targets.Count, Intent.Temperature.Loss(logits, targets, temperature, soft: 0), temperature);
    }

    static int[] Spread(IReadOnlyList<Example> examples)
    {
        var order = Enumerable.Range(0, examples.Count).ToArray();
        new Random(FoldSeed).Shuffle(order);
        var (fold, next) = (new int[examples.Count], new Dictionary<int, int>());
        foreach (var example in order)
        {
            var seen = next.GetValueOrDefault(examples[example].Label, examples[example].Label);
            fold[example] = seen % Folds;
            next[examples[example].Label] = seen + 1;
        }
        return fold;
    }
}
