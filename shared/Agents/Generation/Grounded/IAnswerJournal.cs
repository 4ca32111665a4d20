using AiOs.Serving.Chat;

namespace AiOs.Agents.Generation.Grounded;

/// <summary>A sentence that a model wrote and its sources support.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Citations">Where it stands; each quote literally at its offsets.</param>
/// <param name="Support">How well they support it, in [0, 1].</param>
public sealed record GroundedSentence(string Text, IReadOnlyList<Citation> Citations, double Support);

/// <summary>One attempt to have a model answer.</summary>
/// <param name="Number">1, 2, 3 ... over all executions of the step.</param>
/// <param name="BeganAt">When it was sent.</param>
/// <param name="EndedAt">Null while it is under way.</param>
/// <param name="Outcome"><c>started</c>, <c>answered</c>, <c>abstained</c>, or a <see cref="ModelFailure"/> in camelCase.</param>
/// <param name="Usage">What it used; while it is under way, an estimate of what was sent.</param>
/// <param name="Dropped">Sentences that did not stand the check.</param>
public sealed record ModelAttempt(int Number, DateTimeOffset BeganAt, DateTimeOffset? EndedAt, string Outcome, ModelUsage Usage, int Dropped);

/// <summary>What earlier executions of a step left: a process may end in the middle of an answer.</summary>
public sealed record AnswerSoFar(IReadOnlyList<ModelAttempt> Attempts, IReadOnlyList<GroundedSentence> Sentences);

/// <summary>Where the making of one answer is written down, durably and at once: every attempt before it costs anything, every sentence as soon as it is verified.</summary>
public interface IAnswerJournal
{
    /// <summary>What stands there.</summary>
    Task<AnswerSoFar> ReadAsync(CancellationToken cancellationToken);

    /// <summary>An attempt began, or ended: its number is its key.</summary>
    Task RecordAsync(ModelAttempt attempt, CancellationToken cancellationToken);

    /// <summary>The sentence of that number (1, 2, 3 ...) was verified; whoever follows the run reads it.</summary>
    Task RecordAsync(int number, GroundedSentence sentence, CancellationToken cancellationToken);
}
