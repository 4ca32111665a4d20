using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiOs.DataPlane;

/// <summary>The one JSON dialect of the OS: camelCase names, enums as camelCase strings, no fields, nulls left out, depth 64 (bodies have at most 32, what wraps them needs room).</summary>
public static class AiOsJson
{
    /// <summary>Shared, read-only options; set on MVC, on HTTP JSON and on the worker's serializer.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>Gives <paramref name="options"/> (a host's own instance) the same dialect.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.PropertyNameCaseInsensitive = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.IncludeFields = false;
        options.MaxDepth = 64;
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
    }
}
