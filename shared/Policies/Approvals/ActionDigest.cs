using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace AiOs.Policies.Approvals;

/// <summary>The digest that names one action: its call and arguments in canonical JSON (keys sorted by code unit, no blanks, numbers as written).</summary>
public static class ActionDigest
{
    /// <summary><c>sha256:</c> and 64 hex digits. Arguments are masked, so the digest holds no personal value.</summary>
    public static string Of(string call, JsonElement arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("arguments");
            Write(writer, arguments);
            writer.WriteString("call", call);
            writer.WriteEndObject();
        }
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Undefined:
                writer.WriteNullValue();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
