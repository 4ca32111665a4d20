using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AiOs.Serving.Wire;

/// <summary>Chat completions that no endpoint wrote, and what is told from one form in the other.</summary>
static class WireAnswers
{
    /// <summary>A whole completion of these words.</summary>
    public static byte[] Whole(string id, DateTimeOffset at, string model, string words, string? finish = "stop") => Write(writer =>
    {
        Head(writer, "chatcmpl-" + id, "chat.completion", at.ToUnixTimeSeconds(), model);
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", words);
        writer.WriteNull("refusal");
        writer.WriteEndObject();
        writer.WriteString("finish_reason", finish);
        writer.WriteEndObject();
        writer.WriteEndArray();
        Usage(writer, 0, 0);
    });

    /// <summary>A whole completion as the pieces of a stream: what it says, then that it ended.</summary>
    public static IEnumerable<byte[]> Pieces(ReadOnlyMemory<byte> whole)
    {
        using var document = JsonDocument.Parse(whole);
        var root = document.RootElement;
        var (id, at, model) = (Text(root, "id") ?? "chatcmpl", root.TryGetProperty("created", out var created) && created.TryGetInt64(out var seconds) ? seconds : 0, Text(root, "model") ?? "");
        foreach (var choice in root.GetProperty("choices").EnumerateArray())
        {
            yield return Piece(choice, delta => choice.GetProperty("message").WriteTo(delta), null);
            yield return Piece(choice, static delta =>
            {
                delta.WriteStartObject();
                delta.WriteEndObject();
            }, Text(choice, "finish_reason") ?? "stop");
        }

        byte[] Piece(JsonElement choice, Action<Utf8JsonWriter> delta, string? finish) => Write(writer =>
        {
            Head(writer, id, "chat.completion.chunk", at, model);
            writer.WriteStartArray("choices");
            writer.WriteStartObject();
            writer.WriteNumber("index", choice.TryGetProperty("index", out var index) && index.TryGetInt32(out var number) ? number : 0);
            writer.WritePropertyName("delta");
            delta(writer);
            writer.WriteString("finish_reason", finish);
            writer.WriteEndObject();
            writer.WriteEndArray();
        });
    }

    /// <summary>What a piece says in its first choice; it may begin or end with half of a character.</summary>
    public static string? TextOf(ReadOnlySpan<byte> piece)
    {
        var reader = new Utf8JsonReader(piece, new JsonReaderOptions { MaxDepth = Wire.MaxDepth });
        while (reader.Read())
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 4 && reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                return reader.TokenType == JsonTokenType.String ? Said(ref reader) : null;
            }
        return null;
    }

    static string? Said(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return Halves.Read(reader.ValueSpan);
        }
    }

    static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Wire.Encoder }))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    static void Head(Utf8JsonWriter writer, string id, string kind, long at, string model)
    {
        writer.WriteString("id", id);
        writer.WriteString("object", kind);
        writer.WriteNumber("created", at);
        writer.WriteString("model", model);
    }

    static void Usage(Utf8JsonWriter writer, long input, long output)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", input);
        writer.WriteNumber("completion_tokens", output);
        writer.WriteNumber("total_tokens", input + output);
        writer.WriteEndObject();
    }

    static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
