namespace AiOs.Observability.Intents;

/// <summary>What looks wrong in the examples of an app, for its author to judge.</summary>
/// <param name="Examples">How many examples were looked at, those out of scope included.</param>
/// <param name="Accuracy">The share of them that is understood by what the others teach, 0 to 1.</param>
/// <param name="Mislabelled">Examples that all others would give to another intent, the surest first.</param>
/// <param name="Duplicates">Examples that say the same in the same words.</param>
/// <param name="Overlaps">Pairs of intents that take each other's examples, the worst first.</param>
public sealed record IntentFindings(
    int Examples, double Accuracy, IReadOnlyList<IntentFindings.Doubt> Mislabelled, IReadOnlyList<IntentFindings.Repeat> Duplicates, IReadOnlyList<IntentFindings.Overlap> Overlaps)
{
    /// <summary>Nothing looks wrong.</summary>
    public bool IsClean => Mislabelled.Count + Duplicates.Count + Overlaps.Count == 0;

    /// <summary>An example that the others would give to another intent, and how sure they are, 0 to 1.</summary>
    public sealed record Doubt(string Text, string Intent, string Suggested, double Confidence);

    /// <summary>Texts that differ only in order, repetition, case and punctuation, and the intents that they are examples of; more than one is a contradiction.</summary>
    public sealed record Repeat(IReadOnlyList<string> Texts, IReadOnlyList<string> Intents);

    /// <summary>Two intents, the share of their examples that go to the other one, and one that does.</summary>
    public sealed record Overlap(string One, string Other, double Share, string Sample);
}
