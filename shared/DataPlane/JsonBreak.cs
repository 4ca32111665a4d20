using System.Text.Json;

namespace AiOs.DataPlane;

/// <summary>Says to whoever sent it where JSON breaks.</summary>
public static class JsonBreak
{
    /// <summary>What is wrong, without a word of the content: nested too deeply, or the line and byte (from 1) where it is no JSON.</summary>
    /// <param name="e">What the reader threw.</param>
    /// <param name="maxDepth">How deep it was allowed to be.</param>
    public static string Describe(JsonException e, int maxDepth) =>
        e.Message.Contains("maximum configured depth", StringComparison.OrdinalIgnoreCase)   // a body that is cut off speaks of "depth" too
            ? $"the JSON is nested deeper than {maxDepth} levels."
            : $"the body is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.";
}
