namespace AiOs.Agents.Retrieval;

/// <summary>How knowledge is searched.</summary>
public sealed record RetrievalOptions
{
    /// <summary>Passages that score less are not returned: in [0, 1]. At the default 98 % of our own answerable questions keep a passage and a third of the
    /// others lose all; at 0.36 it is 93 % and 79 %. An app that wants to be stricter compares <c>topScore</c>.</summary>
    public double LeastScore { get; init; } = 0.25;

    /// <summary>What the cosine of the sentence vectors counts, where the best word score counts 1; 0 searches by words alone and encodes nothing.</summary>
    public double VectorShare { get; init; } = 0.4;

    /// <summary>What the cosine of the topics counts, where the best word score counts 1.</summary>
    public double TopicShare { get; init; } = 1.0;

    /// <summary>How many of the first results tell the query better; 0 for none.</summary>
    public int FeedbackPassages { get; init; } = 5;

    /// <summary>Knowledge of fewer passages has nothing to tell a query by.</summary>
    public int LeastFeedback { get; init; } = 400;

    /// <summary>Up to how many passages the vectors are kept as floats and compared exactly; beyond, they are kept as bytes.</summary>
    public int MostExact { get; init; } = 100_000;

    /// <summary>From how many passages on a scan reads the vectors as bytes first and compares only those exactly that can be among the best. The result is the same.</summary>
    public int LeastSketched { get; init; } = 4_096;

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
        { TopicShare: not (>= 0 and <= 10) } => throw new InvalidOperationException("RetrievalOptions.TopicShare must be between 0 and 10."),
        { FeedbackPassages: < 0 } => throw new InvalidOperationException("RetrievalOptions.FeedbackPassages must not be negative."),
        { LeastFeedback: < 0 } => throw new InvalidOperationException("RetrievalOptions.LeastFeedback must not be negative."),
        { MostExact: < 0 } => throw new InvalidOperationException("RetrievalOptions.MostExact must not be negative."),
        { LeastSketched: < 0 } => throw new InvalidOperationException("RetrievalOptions.LeastSketched must not be negative."),
        { MostIndexes: < 1 } => throw new InvalidOperationException("RetrievalOptions.MostIndexes must be at least 1."),
        { MostBytes: < 1 } => throw new InvalidOperationException("RetrievalOptions.MostBytes must be at least 1."),
        _ => this,
    };
}
