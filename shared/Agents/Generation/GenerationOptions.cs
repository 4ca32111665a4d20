namespace AiOs.Agents.Generation;

/// <summary>How answers are put together.</summary>
public sealed record GenerationOptions
{
    /// <summary>Below this support there is no answer: in [0, 1].</summary>
    public double LeastSupport { get; init; } = 0.5;

    /// <summary>How many sentences an answer quotes at most.</summary>
    public int MostSentences { get; init; } = 3;

    /// <summary>A further sentence needs this share of the support of the best one: in [0, 1].</summary>
    public double ShareOfBest { get; init; } = 0.75;

    /// <summary>How many vectors of sentences and words are remembered; knowledge changes rarely, so the same ones come again and again (2 KB each).</summary>
    public int MostVectors { get; init; } = 8_192;

    /// <summary>Itself, if its values make sense.</summary>
    /// <exception cref="InvalidOperationException">They do not; the message names the member.</exception>
    public GenerationOptions Checked() => this switch
    {
        { LeastSupport: not (>= 0 and <= 1) } => throw new InvalidOperationException("GenerationOptions.LeastSupport must be between 0 and 1."),
        { MostSentences: < 1 } => throw new InvalidOperationException("GenerationOptions.MostSentences must be at least 1."),
        { ShareOfBest: not (>= 0 and <= 1) } => throw new InvalidOperationException("GenerationOptions.ShareOfBest must be between 0 and 1."),
        { MostVectors: < 0 } => throw new InvalidOperationException("GenerationOptions.MostVectors must not be negative."),
        _ => this,
    };
}
