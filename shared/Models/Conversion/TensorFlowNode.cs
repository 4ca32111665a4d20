using System.Globalization;
using System.Text.Json;

namespace AiOs.Models.Conversion;

/// <summary>One node of a TensorFlow.js graph. An input names the node that makes it and, after a colon, which of its outputs.</summary>
sealed record TensorFlowNode(string Name, string Op, IReadOnlyList<string> Inputs, JsonElement Attributes)
{
    public static TensorFlowNode Read(JsonElement node) => new(
        node.GetProperty("name").GetString()!,
        node.GetProperty("op").GetString()!,
        node.TryGetProperty("input", out var inputs) ? [.. inputs.EnumerateArray().Select(input => Value(input.GetString()!))] : [],
        node.TryGetProperty("attr", out var attributes) ? attributes.Clone() : default);

    /// <summary>The node behind an input: no control mark, no port.</summary>
    public static string Producer(string input) => input.TrimStart('^').Split(':')[0];

    static string Value(string input)
    {
        var value = input.TrimStart('^');
        return value.EndsWith(":0", StringComparison.Ordinal) ? value[..^2] : value;
    }

    public bool Flag(string attribute) => Attribute(attribute, "b") is { ValueKind: JsonValueKind.True };

    public long Number(string attribute) => Attribute(attribute, "i") is { } value ? Integer(value) : 0;

    public long Type(string attribute) => Attribute(attribute, "type") is { ValueKind: JsonValueKind.Number } value
        ? value.GetInt64()
        : throw new InvalidDataException($"{Op} '{Name}' does not say its {attribute}.");

    public long[] Numbers(string attribute) => Attribute(attribute, "list") is { } list
        ? [.. list.GetProperty("i").EnumerateArray().Select(Integer)]
        : [];

    JsonElement? Attribute(string name, string kind) =>
        Attributes.ValueKind == JsonValueKind.Object && Attributes.TryGetProperty(name, out var attribute) && attribute.TryGetProperty(kind, out var value) ? value : null;

    // Protocol buffers write 64-bit integers into JSON as strings.
    static long Integer(JsonElement value) => value.ValueKind == JsonValueKind.String ? long.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetInt64();
}
