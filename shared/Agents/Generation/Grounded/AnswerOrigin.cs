using AiOs.Serving.Chat;

namespace AiOs.Agents.Generation.Grounded;

/// <summary>Who words an answer.</summary>
public enum AnswerSource
{
    /// <summary>A model, every sentence checked against its sources.</summary>
    Generated,

    /// <summary>The sources themselves.</summary>
    Extractive,
}

/// <summary>How an answer came about where a model was asked.</summary>
/// <param name="Source">Whose words it is.</param>
/// <param name="Model">The logical name of the model.</param>
/// <param name="Reason">What went wrong: why the answer is extractive, or a generated one incomplete. Null where nothing did.</param>
/// <param name="Calls">How often the model was asked.</param>
/// <param name="Usage">What all calls together used.</param>
/// <param name="Dropped">Sentences that did not stand the check.</param>
public sealed record AnswerOrigin(AnswerSource Source, string Model, ModelFailure? Reason, int Calls, ModelUsage Usage, int Dropped);
