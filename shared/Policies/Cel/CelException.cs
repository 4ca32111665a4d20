namespace AiOs.Policies.Cel;

/// <summary>An expression that does not parse or type-check.</summary>
/// <param name="message">What is wrong, in a sentence.</param>
/// <param name="position">Where: a 0-based UTF-16 offset in the source.</param>
/// <param name="suggestion">What to write instead, where we can tell.</param>
public sealed class CelException(string message, int position, string? suggestion = null) : Exception(message)
{
    /// <summary>Where: a 0-based UTF-16 offset in the source.</summary>
    public int Position => position;

    /// <summary>What to write instead, where we can tell.</summary>
    public string? Suggestion => suggestion;
}

/// <summary>A well-formed expression that has no value for these variables: a null where a value is needed, an overflow, a missing key.
/// The message names expressions and types, never values.</summary>
public sealed class CelEvaluationException(string message, int position) : Exception(message)
{
    /// <summary>Where: a 0-based UTF-16 offset in the source.</summary>
    public int Position => position;
}
