namespace AiOs.Agents.Reading;

/// <summary>An intent as it is explained to a model.</summary>
/// <param name="Name">As the app knows it.</param>
/// <param name="Summary">What the person wants.</param>
/// <param name="Examples">A few messages, in English.</param>
public sealed record ReadableIntent(string Name, string Summary, IReadOnlyList<string> Examples)
{
    /// <summary>So many examples explain an intent.</summary>
    public const int MostExamples = 3;
}
