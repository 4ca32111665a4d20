using System.Text.Encodings.Web;

namespace AiOs.Serving.Wire;

/// <summary>What requests and replies have in common.</summary>
static class Wire
{
    /// <summary>The deepest nesting.</summary>
    public const int MaxDepth = 64;

    /// <summary>Escapes what JSON must and nothing else.</summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>Asks for the usage in the last piece.</summary>
    public static byte[] IncludeUsage { get; } = "{\"include_usage\":true}"u8.ToArray();
}
