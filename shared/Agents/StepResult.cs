using System.Text.Json;

namespace AiOs.Agents;

/// <summary>What a step leaves behind: masked scalars that later steps may read, and blobs for everything larger.</summary>
/// <param name="Outcome">One of the outcomes of the step's kind (<c>matched</c>, <c>allow</c>, <c>done</c> ...), or <c>skipped</c>.</param>
/// <param name="Facts">The other fields of the step's result, as the manifest reference lists them; masked, at most 8 KB together.</param>
/// <param name="Refs">Blobs by name (<c>passages</c>, <c>answer</c> ...), each <c>sha256:</c> and 64 hex digits.</param>
public sealed record StepResult(string Outcome, IReadOnlyDictionary<string, JsonElement> Facts, IReadOnlyDictionary<string, string> Refs)
{
    /// <summary>The outcome of a declared step that did not run.</summary>
    public const string SkippedOutcome = "skipped";

    /// <summary>A step that did not run: every declared field is null.</summary>
    public static StepResult Skipped { get; } = Of(SkippedOutcome);

    /// <summary>A result with nothing but its outcome.</summary>
    public static StepResult Of(string outcome) => new(outcome, new Dictionary<string, JsonElement>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
}
