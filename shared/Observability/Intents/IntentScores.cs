namespace AiOs.Observability.Intents;

/// <summary>How well intents are understood; shares from 0 to 1.</summary>
/// <param name="Accuracy">The share of messages in scope whose best intent is right.</param>
/// <param name="MacroF1">The mean over the intents asked about of the harmonic mean of precision and recall, messages in scope only.</param>
/// <param name="Ece">The expected calibration error of the best intent's confidence over messages in scope, 15 bins (Guo et al. 2017, https://arxiv.org/abs/1706.04599).</param>
/// <param name="OosAuroc">How often a message in scope has more confidence than one out of scope (area under the ROC curve); null without messages out of scope.</param>
public sealed record IntentScores(double Accuracy, double MacroF1, double Ece, double? OosAuroc)
{
    const int Bins = 15;

    /// <summary>How long training took, embedding included.</summary>
    public double TrainSeconds { get; init; }

    /// <summary>The median time of one message from text to intent (read, tokenise, encode, classify), in milliseconds.</summary>
    public double P50Ms { get; init; }

    /// <summary>19 of 20 messages take no longer, in milliseconds.</summary>
    public double P95Ms { get; init; }

    /// <summary>How many examples were taught.</summary>
    public int Examples { get; init; }

    /// <summary>How many messages were asked about, those out of scope included.</summary>
    public int Messages { get; init; }

    /// <summary>Scores answers, of which at least one is in scope.</summary>
    public static IntentScores Of(IReadOnlyList<IntentBenchmark.Answer> answers)
    {
        var inScope = answers.Where(answer => answer.Expected is not null).ToList();
        var accuracy = (double)inScope.Count(answer => answer.Expected == answer.Intent) / inScope.Count;
        return new(accuracy, F1(inScope), CalibrationError([.. inScope.Select(answer => ((double)answer.Confidence, answer.Expected == answer.Intent))]), Auroc(answers)) { Messages = answers.Count };
    }

    static double F1(List<IntentBenchmark.Answer> inScope)
    {
        var given = inScope.GroupBy(answer => answer.Intent, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        return inScope.GroupBy(answer => answer.Expected!, StringComparer.Ordinal)
            .Average(group => 2.0 * group.Count(answer => answer.Intent == group.Key) / (group.Count() + given.GetValueOrDefault(group.Key)));
    }

    /// <summary>The expected calibration error of answers, of which there is at least one.</summary>
    public static double CalibrationError(IReadOnlyCollection<(double Confidence, bool Right)> answers) => answers
        .GroupBy(answer => Math.Min((int)(answer.Confidence * Bins), Bins - 1))
        .Sum(bin => Math.Abs(bin.Sum(answer => answer.Confidence) - bin.Count(answer => answer.Right))) / answers.Count;

    /// <summary>By ranks (Mann and Whitney); equal confidences share a rank.</summary>
    static double? Auroc(IReadOnlyList<IntentBenchmark.Answer> answers)
    {
        var inside = (double)answers.Count(answer => answer.Expected is not null);
        var outside = answers.Count - inside;
        if (outside == 0)
            return null;
        var (ranks, before) = (0.0, 0);
        foreach (var tie in answers.GroupBy(answer => answer.Confidence).OrderBy(group => group.Key))
        {
            ranks += tie.Count(answer => answer.Expected is not null) * (before + (tie.Count() + 1) / 2.0);
            before += tie.Count();
        }
        return (ranks - inside * (inside + 1) / 2) / (inside * outside);
    }
}
