namespace AiOs.Agents.Intent;

/// <summary>One thing that people want of an app, taught by examples.</summary>
/// <param name="Name">Unique in its set, as policies and conditions know it.</param>
/// <param name="Summary">One sentence for people; the classifier does not read it.</param>
/// <param name="Examples">At least two messages that mean it.</param>
public sealed record IntentDefinition(string Name, string Summary, IReadOnlyList<string> Examples);

/// <summary>What an app understands: its intents, and examples of messages that are none of them.</summary>
public sealed record IntentSet(IReadOnlyList<IntentDefinition> Intents, IReadOnlyList<string> OutOfScope)
{
    /// <summary>With fewer examples the encoder is not tuned: it would learn them by heart.</summary>
    public const int FewestToTune = 400;

    const int MaxIntents = 500, MaxExamples = 20_000;

    /// <summary>Whether the encoder is tuned on the examples too: a few more messages understood where many intents mean nearly the same, for a quarter of an hour of training with 9,000 short examples on two cores.</summary>
    public bool FineTune { get; init; }

    /// <summary>How many examples there are, those out of scope included.</summary>
    public int Examples => Intents.Sum(intent => intent.Examples.Count) + OutOfScope.Count;

    /// <summary>The set that labelled messages make; messages that mean no intent become its out-of-scope examples.</summary>
    public static IntentSet Of(IEnumerable<LabelledMessage> messages)
    {
        var groups = messages.ToLookup(message => message.Intent, message => message.Text, StringComparer.Ordinal);
        return new([.. groups.Where(group => group.Key is not null).Select(group => new IntentDefinition(group.Key!, "", [.. group]))], [.. groups[null]]);
    }

    /// <summary>What keeps the set from being trained, in words for its author; empty where nothing does.</summary>
    public IEnumerable<string> Problems()
    {
        if (Intents.Count + Math.Min(1, OutOfScope.Count) < 2)
            yield return "There is nothing to tell apart: give at least two intents, or one and out-of-scope examples.";
        if (Intents.Count > MaxIntents)
            yield return $"There are {Intents.Count} intents; {MaxIntents} is the limit.";
        if (Examples > MaxExamples)
            yield return $"There are {Examples} examples; {MaxExamples} is the limit.";
        if (FineTune && Examples < FewestToTune)
            yield return $"There are {Examples} examples, and fine-tuning needs {FewestToTune}: leave it out until there are more.";
        foreach (var name in Intents.GroupBy(intent => intent.Name, StringComparer.Ordinal).Where(same => same.Count() > 1))
            yield return $"The intent '{name.Key}' is there {name.Count()} times.";
        foreach (var intent in Intents)
        {
            if (string.IsNullOrWhiteSpace(intent.Name))
                yield return "An intent has no name.";
            if (intent.Examples.Count(example => IntentText.IsLegible(IntentText.Read(example))) < 2)
                yield return $"The intent '{intent.Name}' needs at least two examples with words in them.";
        }
    }
}
