using System.Buffers;
using System.Text.Json;

namespace AiOs.Local.Durable.Histories;

/// <summary>
/// Writes batches as <see cref="HistoryJson"/> does, to the byte. Every turn of every orchestration writes one: the events of a plain sequence
/// are written out here, in a quarter of the time; all others by the serializer.
/// </summary>
static class BatchWriter
{
    static readonly JsonEncodedText consumed = Name("consumed");
    static readonly JsonEncodedText decided = Name("decided");
    static readonly JsonEncodedText type = Name("$type");
    static readonly JsonEncodedText executionStarted = Name("executionStarted");
    static readonly JsonEncodedText generation = Name("generation");
    static readonly JsonEncodedText taskCompleted = Name("taskCompleted");
    static readonly JsonEncodedText result = Name("result");
    static readonly JsonEncodedText taskId = Name("taskId");
    static readonly JsonEncodedText taskScheduled = Name("taskScheduled");
    static readonly JsonEncodedText name = Name("name");
    static readonly JsonEncodedText version = Name("version");
    static readonly JsonEncodedText input = Name("input");
    static readonly JsonEncodedText executionCompleted = Name("executionCompleted");
    static readonly JsonEncodedText status = Name("status");
    static readonly JsonEncodedText output = Name("output");

    [ThreadStatic]
    static Tools? tools;

    /// <summary>The stored form of a batch.</summary>
    public static byte[] Write(HistoryBatch batch)
    {
        var (buffer, json) = tools ??= new(new(1024), new(Stream.Null, new() { Encoder = HistoryCodec.Encoder, MaxDepth = HistoryCodec.MaxDepth, SkipValidation = true }));
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        json.WriteStartObject();
        Write(json, consumed, batch.Consumed);
        Write(json, decided, batch.Decided);
        json.WriteEndObject();
        json.Flush();
        var stored = buffer.WrittenSpan.ToArray();

        // A large payload is rare, and its room is not kept for it.
        if (buffer.Capacity > 1 << 16)
            tools = null;
        return stored;
    }

    static void Write(Utf8JsonWriter json, JsonEncodedText list, IReadOnlyList<HistoryEvent> events)
    {
        json.WriteStartArray(list);
        for (var i = 0; i < events.Count; i++)
            Write(json, events[i]);
        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, HistoryEvent happened)
    {
        switch (happened)
        {
            case ExecutionStarted { Carried: null, NotBefore: null } started:
                Begin(json, executionStarted);
                json.WriteNumber(generation, started.Generation);
                break;
            case TaskCompleted completed:
                Begin(json, taskCompleted);
                Text(json, result, completed.Result);
                json.WriteNumber(taskId, completed.TaskId);
                break;
            case TaskScheduled { Tags: null } scheduled:
                Begin(json, taskScheduled);
                json.WriteString(name, scheduled.Name);
                Text(json, version, scheduled.Version);
                Text(json, input, scheduled.Input);
                json.WriteNumber(taskId, scheduled.TaskId);
                break;
            case ExecutionCompleted { Failure: null } ended:
                Begin(json, executionCompleted);
                json.WriteNumber(status, ended.Status);
                Text(json, output, ended.Output);
                break;
            default:
                HistoryCodec.Write(json, happened);
                return;
        }
        json.WriteEndObject();
    }

    static void Begin(Utf8JsonWriter json, JsonEncodedText kind)
    {
        json.WriteStartObject();
        json.WriteString(type, kind);
    }

    static void Text(Utf8JsonWriter json, JsonEncodedText member, string? value)
    {
        if (value is not null)
            json.WriteString(member, value);
    }

    static JsonEncodedText Name(string name) => JsonEncodedText.Encode(name, HistoryCodec.Encoder);

    sealed record Tools(ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json);
}
