using System.Collections.Concurrent;

namespace AiOs.Local.Durable.Storage;

/// <summary>Records that are in the log and not in the open transaction of the tables yet, oldest first. Whoever changes things adds, on any thread; the rest is for the one who holds the tables.</summary>
sealed class Backlog(Sqlite database)
{
    readonly ConcurrentQueue<ReadOnlyMemory<byte>> records = new();
    readonly List<string> statements = [];

    /// <summary>How many there are.</summary>
    public int Count => records.Count;

    /// <summary>A record that is only in the log.</summary>
    public void Add(ReadOnlyMemory<byte> record) => records.Enqueue(record);

    /// <summary>A record that is in the tables already, and what later ones may count on.</summary>
    public void Note(RedoRecord record)
    {
        if (record.TellsStatements)
            RedoRecord.Skip(record.Content, statements);
    }

    /// <summary>Makes the oldest record's changes; false when there is none.</summary>
    public bool ApplyOne()
    {
        if (!records.TryDequeue(out var record))
            return false;
        RedoRecord.Apply(record.Span, statements, database);
        return true;
    }

    /// <summary>Makes the changes of a record that is still being written: it is not in the log.</summary>
    public void ApplyDraft(ReadOnlySpan<byte> draft) => RedoRecord.Apply(draft, [.. statements], database);

    /// <summary>Begins again with all that is in the log, in a transaction that holds none of it.</summary>
    public void Restart(IReadOnlyList<ReadOnlyMemory<byte>> kept)
    {
        records.Clear();
        statements.Clear();
        foreach (var record in kept)
            RedoRecord.Apply(record.Span, statements, database);
    }
}
