namespace AiOs.Serving.Gateway;

/// <summary>Who asks a model, and on which terms.</summary>
/// <param name="App">The app that it is for, or <c>-</c>.</param>
/// <param name="Principal">Id of the principal.</param>
public sealed record CallTerms(string App, string Principal)
{
    /// <summary>Calls for no app.</summary>
    public const string NoApp = "-";

    /// <summary>The run that asks.</summary>
    public string? RunId { get; init; }

    /// <summary>Its step.</summary>
    public string? Step { get; init; }

    /// <summary>What decides about canaries: a run or a conversation keeps its deployment. Null: each call by itself.</summary>
    public string? Sticky { get; init; }

    /// <summary>How long the caller waits at the most; null for as long as the model's timeout.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>Whether nothing of it may be kept.</summary>
    public bool Sensitive { get; init; }

    /// <summary>Whether the caller repeats by itself, writing down every attempt: no deployment is asked twice.</summary>
    public bool Once { get; init; }
}
