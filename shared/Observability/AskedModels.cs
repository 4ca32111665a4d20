using AiOs.Agents.Generation.Grounded;

namespace AiOs.Observability;

/// <summary>Which calls an evaluation may make.</summary>
public enum ModelUse
{
    /// <summary>None: a message in another language is dealt with as where no model is configured.</summary>
    None,

    /// <summary>Those that a run would make.</summary>
    Configured,
}

/// <summary>What the models of an evaluation used and cost; <paramref name="Cost"/> is null where they have no price.</summary>
public sealed record EvalModels(int Calls, long InputTokens, long OutputTokens, decimal? Cost);

/// <summary>How messages in other languages were understood: the share that was right, and how far the confidence of those that were taken for an intent is from it (expected calibration error, 15 bins; null where none was).</summary>
public sealed record EvalLanguages(int Messages, double IntentAccuracy, double? Ece);

/// <summary>The attempts of an evaluation, one message at a time; nothing of it is kept.</summary>
sealed class AskedModels : IAnswerJournal
{
    readonly List<ModelAttempt> past = [];
    readonly Dictionary<int, ModelAttempt> attempts = [];

    /// <summary>All attempts together; null where none was made.</summary>
    public EvalModels? Total
    {
        get
        {
            ModelAttempt[] all = [.. past, .. attempts.Values];
            return all.Length == 0 ? null : new(all.Length, all.Sum(attempt => attempt.Usage.InputTokens), all.Sum(attempt => attempt.Usage.OutputTokens), all.Aggregate((decimal?)null, (sum, attempt) => attempt.Usage.Cost is { } cost ? (sum ?? 0) + cost : sum));
        }
    }

    /// <summary>Begins the next message.</summary>
    public AskedModels Next()
    {
        past.AddRange(attempts.Values);
        attempts.Clear();
        return this;
    }

    public Task<AnswerSoFar> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(new AnswerSoFar([.. attempts.Values], []));

    public Task RecordAsync(ModelAttempt attempt, CancellationToken cancellationToken)
    {
        attempts[attempt.Number] = attempt;
        return Task.CompletedTask;
    }

    public Task RecordAsync(int number, GroundedSentence sentence, CancellationToken cancellationToken) => Task.CompletedTask;
}
