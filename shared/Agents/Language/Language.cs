namespace AiOs.Agents.Language;

/// <summary>What a message is written in, as far as it matters to models that read English only.</summary>
public enum Language
{
    /// <summary>English, or English enough.</summary>
    English,

    /// <summary>Another language.</summary>
    Other,

    /// <summary>Too little to say: a number, a name, a code, an emoji.</summary>
    Undecided,
}
