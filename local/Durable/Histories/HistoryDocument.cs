using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Histories;

/// <summary>A recorded history as a file. Its version rises when a reader of the one before would misread it; members are added without that.</summary>
sealed record HistoryDocument
{
    const int CurrentFormat = 1;

    static readonly HistoryDocumentJson json = new(new JsonSerializerOptions(HistoryDocumentJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 256,
    });

    /// <summary>The version of this form.</summary>
    public required int Format { get; init; }

    public required string Orchestrator { get; init; }

    public string? Version { get; init; }

    public required string InstanceId { get; init; }

    public int Generation { get; init; }

    public ParentDocument? Parent { get; init; }

    public required OrchestrationRuntimeStatus Status { get; init; }

    public required DateTime Created { get; init; }

    public string? Input { get; init; }

    public string? Output { get; init; }

    public Failure? Failure { get; init; }

    public required IReadOnlyList<TurnDocument> Turns { get; init; }

    public static byte[] Write(RecordedHistory history)
    {
        var row = history.Row;
        var document = new HistoryDocument
        {
            Format = CurrentFormat,
            Orchestrator = row.Name,
            Version = row.Version.Length > 0 ? row.Version : null,
            InstanceId = row.Id,
            Generation = row.Generation,
            Parent = row.Parent is { } parent ? new(parent.Name, parent.InstanceId) : null,
            Status = row.Status,
            Created = new(row.Created, DateTimeKind.Utc),
            Input = row.Input,
            Output = row.Output,
            Failure = row.Failure is { } failure ? HistoryCodec.Failure(failure).WithoutStack() : null,
            Turns = [.. history.Turns.Select(turn => new TurnDocument(
                new(turn.At, DateTimeKind.Utc), [.. turn.Batch.Consumed.Select(WithoutStack)], [.. turn.Batch.Decided.Select(WithoutStack)]))],
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(document, json.HistoryDocument), (byte)'\n'];
    }

    public static RecordedHistory Parse(ReadOnlySpan<byte> content)
    {
        var document = Read(content);
        var row = new InstanceRow
        {
            Key = 0,
            Id = document.InstanceId,
            Name = document.Orchestrator,
            Version = document.Version ?? "",
            Status = document.Status,
            Created = document.Created.Ticks,
            Generation = document.Generation,
            Parent = document.Parent is { } parent ? new(0, 0, parent.InstanceId, parent.Orchestrator) : null,
            Input = document.Input,
            Output = document.Output,
        };
        return new(row, [.. document.Turns.Select(turn => new RecordedTurn(turn.At.ToUniversalTime().Ticks, new(turn.Happened, turn.Decided)))]);
    }

    static HistoryDocument Read(ReadOnlySpan<byte> content)
    {
        try
        {
            var format = JsonSerializer.Deserialize(content, json.FormatOnly)?.Format ?? 0;
            if (format is < 1 or > CurrentFormat)
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"It is no recorded history of a known format ('format' is {format}; this program reads {CurrentFormat}). Export it again with ./aios runs export."));
            var document = JsonSerializer.Deserialize(content, json.HistoryDocument) ?? throw new InvalidDataException("It is empty.");
            Check(document);
            return document;
        }
        catch (Exception wrong) when (wrong is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"It is no recorded history: {wrong.Message}", wrong);
        }
    }

    static void Check(HistoryDocument document)
    {
        for (var i = 0; i < document.Turns.Count; i++)
        {
            var turn = document.Turns[i];
            if (turn.Happened.Contains(null!) || turn.Decided.Contains(null!) || turn.Happened.Any(e => e is Decision or ExecutionCompleted) || turn.Decided.Any(e => e is not (Decision or ExecutionCompleted)))
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Turn {i + 1} mixes what happened with what was decided."));
            if (turn.Decided.SkipLast(1).Any(e => e is ExecutionCompleted) || (i < document.Turns.Count - 1 && turn.Decided is [.., ExecutionCompleted]))
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Something stands after the end in turn {i + 1}."));
        }
        if (document.Turns is [{ Happened: not [ExecutionStarted or ExecutionTerminated, ..] }, ..])
            throw new InvalidDataException("Its first event is not 'executionStarted'.");
    }

    static HistoryEvent WithoutStack(HistoryEvent happened) => happened switch
    {
        TaskFailed failed => failed with { Failure = failed.Failure.WithoutStack() },
        SubOrchestrationFailed failed => failed with { Failure = failed.Failure.WithoutStack() },
        EntityReplied { Failure: { } failure } reply => reply with { Failure = failure.WithoutStack() },
        ExecutionCompleted { Failure: { } failure } end => end with { Failure = failure.WithoutStack() },
        _ => happened,
    };
}

/// <summary>Who started a sub-orchestration.</summary>
sealed record ParentDocument(string Orchestrator, string InstanceId);

/// <summary>One turn: at its moment, what happened and what the orchestrator decided upon it.</summary>
sealed record TurnDocument(DateTime At, IReadOnlyList<HistoryEvent> Happened, IReadOnlyList<HistoryEvent> Decided);

/// <summary>What is read first.</summary>
sealed record FormatOnly(int Format);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true,
    AllowOutOfOrderMetadataProperties = true, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = false, NewLine = "\n")]
[JsonSerializable(typeof(HistoryDocument))]
[JsonSerializable(typeof(FormatOnly))]
sealed partial class HistoryDocumentJson : JsonSerializerContext;
