using System.Text.Json;

namespace AiOs.Agents.Extraction;

/// <summary>A reading of some tokens of the text, before fields compete for it.</summary>
/// <param name="Value">The normalised value.</param>
/// <param name="First">Index of its first token.</param>
/// <param name="Last">Index of its last token.</param>
/// <param name="Confidence">How sure the reading is, whatever stands around it.</param>
sealed record Candidate(JsonElement Value, int First, int Last, double Confidence)
{
    /// <summary>At most so many readings of one kind are weighed in one text.</summary>
    public const int Limit = 200;

    /// <summary>Offsets where they differ from those of the tokens (a pattern may match half a token).</summary>
    public (int Start, int End)? Span { get; init; }

    public bool Overlaps(int first, int last) => First <= last && first <= Last;
}
