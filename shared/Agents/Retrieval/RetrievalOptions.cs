namespace AiOs.Agents.Retrieval;

/// <summary>How knowledge is searched.</summary>
public sealed record RetrievalOptions
{
    /// <summary>Passages that score less are not returned: in [0, 1]. At the default 98 % of our own answerable questions keep a passage and a third of the
    /// others lose all; at 0.36 it is 93 % and 79 %. An app that wants to be stricter compares <c>topScore</c>.</summary>
    public double LeastScore { get; init; } = 0.25;

    /// <summary>What a place in the ranking by vectors counts, where one in the ranking by words counts 1. Measured on 139 questions to three apps
    /// and on Cranfield: 0.25 to 0.5 is best, since the small encoder knows less about rare words than their letters do.</summary>
    public double VectorShare { get; init; } = 0.3;

    /// <summary>How many passages each of the two rankings contributes at least.</summary>
    public int Depth { get; init; } = 100;

    /// <summary>How many indexes stay in memory.</summary>
    public int MostIndexes { get; init; } = 32;

    /// <summary>How many bytes the indexes in memory may take together; one index may always stay.</summary>
    public long MostBytes { get; init; } = 512L << 20;

    /// <summary>Itself, if its values make sense.</summary>
    /// <exception cref="InvalidOperationException">They do not; the message names the member.</exception>
    public RetrievalOptions Checked() => this switch
    {
        { LeastScore: not (>= 0 and <= 1) } => throw new InvalidOperationException("RetrievalOptions.LeastScore must be between 0 and 1."),
        { VectorShare: not (>= 0 and <= 10) } => throw new InvalidOperationException("RetrievalOptions.VectorShare must be between 0 and 10."),
        { Depth: < 1 } => throw new InvalidOperationException("RetrievalOptions.Depth must be at least 1."),
        { MostIndexes: < 1 } => throw new InvalidOperationException("RetrievalOptions.MostIndexes must be at least 1."),
        { MostBytes: < 1 } => throw new InvalidOperationException("RetrievalOptions.MostBytes must be at least 1."),
        _ => this,
    };
}
