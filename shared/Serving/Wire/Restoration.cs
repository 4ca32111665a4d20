using System.Buffers;
using System.Text;
using System.Text.Json;
using AiOs.Security;

namespace AiOs.Serving.Wire;

/// <summary>Puts back into an answer what the tokens of its request stand for; no other token is touched.</summary>
public sealed class Restoration(IReadOnlyDictionary<string, string> originals)
{
    static readonly byte[][] Beginnings = [.. MaskKinds.All.Select(kind => Encoding.ASCII.GetBytes($"[{kind}:"))];

    /// <summary>For a request without tokens.</summary>
    public static Restoration None { get; } = new(new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Whether there is nothing to put back.</summary>
    public bool IsEmpty => originals.Count == 0;

    /// <summary>The longest token, in characters.</summary>
    internal int Longest { get; } = originals.Keys.Select(token => token.Length).DefaultIfEmpty(0).Max();

    /// <summary>Replaces tokens in a text. Inside JSON that stands in a string (arguments of a tool) originals are escaped once more.</summary>
    public string Text(string text, bool isJson = false)
    {
        if (!text.Contains('[', StringComparison.Ordinal))
            return text;
        return Vault.TokenPattern.Replace(text, token => originals.TryGetValue(token.Value, out var original) ? isJson ? JsonEncodedText.Encode(original, Wire.Encoder).ToString() : original : token.Value);
    }

    /// <summary>Replaces tokens in every string of a whole reply.</summary>
    public ReadOnlyMemory<byte> Reply(ReadOnlyMemory<byte> json)
    {
        if (IsEmpty || !Array.Exists(Beginnings, beginning => json.Span.IndexOf(beginning) >= 0))
            return json;
        return Rewrite(json, (name, text) => Text(text, isJson: name == "arguments"));
    }

    /// <summary>Writes a document again with each of its strings as <paramref name="write"/> has it, told the name of the member.</summary>
    internal static ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> json, Func<string, string, string> write)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length + 64);
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Wire.MaxDepth });
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Wire.Encoder }))
            Write(writer, document.RootElement, "", write);
        return buffer.WrittenMemory;
    }

    static void Write(Utf8JsonWriter writer, JsonElement value, string name, Func<string, string, string> write)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, member.Name, write);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, name, write);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(write(name, value.GetString()!));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
