using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiOs.Local.Durable.Histories;

/// <summary>One transition as it is stored: what the orchestration consumed, then what it decided upon it.</summary>
sealed record HistoryBatch(IReadOnlyList<HistoryEvent> Consumed, IReadOnlyList<HistoryEvent> Decided);

/// <summary>The stored form of histories and messages: UTF-8 JSON.</summary>
static class HistoryCodec
{
    // Relaxed: payloads are JSON in JSON strings, and every quote would take six bytes instead of two.
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public const int MaxDepth = 256;

    static readonly HistoryJson json = new(new JsonSerializerOptions(HistoryJson.Default.Options) { Encoder = Encoder, MaxDepth = MaxDepth });

    public static byte[] Write(HistoryBatch batch) => BatchWriter.Write(batch);

    /// <summary>Writes one event among others.</summary>
    public static void Write(Utf8JsonWriter into, HistoryEvent happened) => JsonSerializer.Serialize(into, happened, json.HistoryEvent);

    public static byte[] Write(HistoryEvent message) => JsonSerializer.SerializeToUtf8Bytes(message, json.HistoryEvent);

    public static byte[] Write(EntityMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, json.EntityMessage);

    public static string Write(Failure failure) => JsonSerializer.Serialize(failure, json.Failure);

    public static string? Write(IEnumerable<KeyValuePair<string, string>>? tags)
    {
        var copy = tags?.ToDictionary(StringComparer.Ordinal);
        return copy is { Count: > 0 } ? JsonSerializer.Serialize(copy, json.DictionaryStringString) : null;
    }

    public static HistoryBatch Batch(byte[] stored) => JsonSerializer.Deserialize(stored, json.HistoryBatch)!;

    public static HistoryEvent Event(byte[] stored) => JsonSerializer.Deserialize(stored, json.HistoryEvent)!;

    public static EntityMessage EntityMessage(byte[] stored) => JsonSerializer.Deserialize(stored, json.EntityMessage)!;

    public static Failure Failure(string stored) => JsonSerializer.Deserialize(stored, json.Failure)!;

    public static Dictionary<string, string> Tags(string stored) => JsonSerializer.Deserialize(stored, json.DictionaryStringString)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HistoryBatch))]
[JsonSerializable(typeof(HistoryEvent))]
[JsonSerializable(typeof(EntityMessage))]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class HistoryJson : JsonSerializerContext;
