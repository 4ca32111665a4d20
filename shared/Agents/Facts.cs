using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Agents;

/// <summary>Writes the facts of a step.</summary>
public static class Facts
{
    /// <summary>No blobs.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoRefs = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The named values as JSON; nulls are left out.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Of(params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var facts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
            if (value is not null)
                facts[name] = JsonSerializer.SerializeToElement(value, AiOsJson.Options);
        return facts;
    }

    /// <summary>The fields as one JSON object.</summary>
    public static JsonElement Object(IReadOnlyDictionary<string, JsonElement> fields) => JsonSerializer.SerializeToElement(fields, AiOsJson.Options);

    /// <summary>The members of <paramref name="value"/> as facts.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Fields(object value) =>
        JsonSerializer.SerializeToElement(value, AiOsJson.Options).EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
}
