namespace AiOs.Security;

/// <summary>A text in which personal values are replaced by tokens.</summary>
/// <param name="Text">The masked text.</param>
/// <param name="Spans">The tokens inside <paramref name="Text"/>, in order.</param>
public sealed record MaskedText(string Text, IReadOnlyList<MaskedSpan> Spans);

/// <summary>One token inside a masked text; <paramref name="Start"/> and <paramref name="End"/> (exclusive) count UTF-16 units of the masked text.</summary>
public sealed record MaskedSpan(string Kind, string Token, int Start, int End);
