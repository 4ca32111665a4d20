using System.Text.Json;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Wire;

/// <summary>Tells an endpoint that is broken from a model that has no number for the rows of one caller (NaN, infinities, null): the others are answered on, so it opens no breaker.</summary>
static class TensorAnswers
{
    /// <summary>Reads an answer.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="ModelException">It would be, but for a number that is none: what Python's <c>json</c> writes.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException) when (json.Span.IndexOf("NaN"u8) >= 0 || json.Span.IndexOf("Infinity"u8) >= 0)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw NoNumber();
#pragma warning restore MA0054
        }
    }

    /// <summary>Refuses an element that is null, at any depth of arrays.</summary>
    /// <exception cref="ModelException">One is.</exception>
    public static void Check(JsonElement data)
    {
        if (data.ValueKind == JsonValueKind.Null)
            throw NoNumber();
        if (data.ValueKind == JsonValueKind.Array)
            foreach (var item in data.EnumerateArray())
                Check(item);
    }

    static ModelException NoNumber() => new(ModelFailure.Malformed, "The answer holds what is no finite number.");
}
