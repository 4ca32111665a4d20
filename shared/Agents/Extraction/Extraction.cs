using System.Text.Json;

namespace AiOs.Agents.Extraction;

/// <summary>A value that was read from a text.</summary>
/// <param name="Name">The field.</param>
/// <param name="Value">Normalised, in the shape that its <see cref="FieldKind"/> gives.</param>
/// <param name="Start">UTF-16 offset of the first character it was read from.</param>
/// <param name="End">UTF-16 offset after the last one.</param>
/// <param name="Confidence">In [0, 1]: lower where the text was ambiguous.</param>
public sealed record ExtractedField(string Name, JsonElement Value, int Start, int End, double Confidence);

/// <summary>What one text gave.</summary>
/// <param name="Fields">By field name; only those that were found.</param>
/// <param name="Missing">Names of the required fields that were not found, in declared order.</param>
public sealed record Extraction(IReadOnlyDictionary<string, ExtractedField> Fields, IReadOnlyList<string> Missing);
