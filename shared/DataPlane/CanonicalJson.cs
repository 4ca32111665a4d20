using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace AiOs.DataPlane;

/// <summary>One spelling for equal JSON: object members sorted by name (ordinal), no white space. Numbers keep their digits.</summary>
public static class CanonicalJson
{
    /// <summary>The canonical UTF-8 bytes of <paramref name="value"/>.</summary>
    public static byte[] Bytes(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = AiOsJson.Options.Encoder, SkipValidation = true }))
            Write(writer, value);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary><c>sha256:</c> and the hex digest of the canonical bytes of <paramref name="value"/>, serialised as <see cref="AiOsJson"/>.</summary>
    public static string Digest<T>(T value) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Bytes(JsonSerializer.SerializeToElement(value, AiOsJson.Options))));

    static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
