using System.Text.Json;

namespace Microsoft.DurableTask.Converters;

/// <summary>Payloads as JSON.</summary>
public class JsonDataConverter : DataConverter
{
    // Histories are read back with the options that wrote them, so the default never changes.
    static readonly JsonSerializerOptions withFields = new() { IncludeFields = true };

    readonly JsonSerializerOptions options;

    /// <summary>With given options, or with names as declared and fields included.</summary>
    public JsonDataConverter(JsonSerializerOptions? options = null) => this.options = options ?? withFields;

    /// <summary>The default.</summary>
    public static JsonDataConverter Default { get; } = new();

    /// <inheritdoc/>
    public override string? Serialize(object? value) => value is null ? null : JsonSerializer.Serialize(value, options);

    /// <inheritdoc/>
    public override object? Deserialize(string? data, Type targetType) => data is null ? null : JsonSerializer.Deserialize(data, targetType, options);
}
