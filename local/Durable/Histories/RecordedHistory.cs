using AiOs.Local.Durable.Orchestrations;
using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Durable.Histories;

/// <summary>One turn of an orchestration: what it consumed and what it decided, at one moment (UTC ticks).</summary>
readonly record struct RecordedTurn(long At, HistoryBatch Batch);

/// <summary>
/// The history of an orchestration's latest execution, as it was recorded: enough to run its code again without activities, timers and a
/// database. Its form as a file is in docs/engine.md.
/// </summary>
public sealed class RecordedHistory
{
    internal RecordedHistory(InstanceRow row, IReadOnlyList<RecordedTurn> turns) => (Row, Turns) = (row, turns);

    /// <summary>The orchestrator's name.</summary>
    public string Orchestrator => Row.Name;

    /// <summary>The version it was started as; empty for none.</summary>
    public string Version => Row.Version;

    /// <summary>The instance's id.</summary>
    public string InstanceId => Row.Id;

    /// <summary>How many events it has, what was consumed and what was decided counted together.</summary>
    public int Events => Turns.Sum(turn => turn.Batch.Consumed.Count + turn.Batch.Decided.Count);

    internal InstanceRow Row { get; }

    internal IReadOnlyList<RecordedTurn> Turns { get; }

    /// <summary>How it stood when it was recorded.</summary>
    internal Standing End => Turns is [.., { Batch.Decided: [.., ExecutionCompleted end] }]
        ? new Ended((Microsoft.DurableTask.Client.OrchestrationRuntimeStatus)end.Status, end.Output, end.Failure, Recursive: false)
        : new Going(Row.Status);

    /// <summary>Reads a file's content.</summary>
    /// <exception cref="InvalidDataException">It is no recorded history, or one of a newer version; the message says which and where.</exception>
    public static RecordedHistory Parse(ReadOnlySpan<byte> json) => HistoryDocument.Parse(json);

    /// <summary>The file's content: indented UTF-8 JSON. Stack traces are left out: they name files of the machine.</summary>
    public byte[] ToJson() => HistoryDocument.Write(this);

    internal static RecordedHistory? Read(Sqlite database, string instanceId) => Queries.Instance(database, instanceId) is { } row
        ? new(row, [.. Queries.History(database, row.Key).Select(turn => new RecordedTurn(turn.At, turn.Batch))])
        : null;
}
