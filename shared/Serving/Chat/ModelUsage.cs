namespace AiOs.Serving.Chat;

/// <summary>What calls of a model used.</summary>
/// <param name="InputTokens">Tokens sent.</param>
/// <param name="OutputTokens">Tokens received.</param>
/// <param name="Estimated">Whether the model did not say, so that a token counts as four characters.</param>
/// <param name="Cost">By the operator's prices; null where there are none.</param>
public sealed record ModelUsage(long InputTokens, long OutputTokens, bool Estimated, decimal? Cost)
{
    /// <summary>Of the tokens sent, those that the model had in its own cache; they are often cheaper.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Nothing was used.</summary>
    public static ModelUsage None { get; } = new(0, 0, Estimated: false, null);

    const int CharactersPerToken = 4;

    /// <summary>About how many tokens a text of that length has (OpenAI's rule of thumb for English).</summary>
    public static long TokensOf(long characters) => (characters + CharactersPerToken - 1) / CharactersPerToken;

    /// <summary>Both together.</summary>
    public ModelUsage Plus(ModelUsage other) =>
        new(InputTokens + other.InputTokens, OutputTokens + other.OutputTokens, Estimated || other.Estimated, Cost is null && other.Cost is null ? null : (Cost ?? 0) + (other.Cost ?? 0))
        {
            CachedInputTokens = CachedInputTokens + other.CachedInputTokens,
        };
}
