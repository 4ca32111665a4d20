using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Durable.Histories;

/// <summary>Reads histories from an engine's file, also while an engine works on it: nothing is written and nobody waits.</summary>
public sealed class HistoryFile : IDisposable
{
    const int PageSize = 500;

    readonly Sqlite database;

    HistoryFile(Sqlite database) => this.database = database;

    /// <summary>Opens the file.</summary>
    /// <exception cref="DurableStoreException">It is not there, damaged, something else, or from a newer engine.</exception>
    public static HistoryFile Open(string path)
    {
        if (!File.Exists(path))
            throw new DurableStoreException(StoreFault.Other, $"There is no '{path}'. Name the data directory of a server that has run.");
        var opened = Sqlite.Open(path, readOnly: true);
        try
        {
            return Schema.Check(opened, path) > 0 ? new(opened) : throw new DurableStoreException(StoreFault.Other, $"'{path}' is empty.");
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The ids of the orchestrations, oldest first; with a prefix only those that begin with it.</summary>
    public IEnumerable<string> InstanceIds(string? prefix = null)
    {
        var (after, filter) = (0L, new InstanceFilter(CreatedFrom: null, CreatedTo: null, prefix, Statuses: null));
        while (Queries.Page(database, filter, after, PageSize) is { Count: > 0 } page)
        {
            foreach (var row in page)
                yield return row.Id;
            after = page[^1].Key;
        }
    }

    /// <summary>An orchestration's history and those of its sub-orchestrations that are still stored; empty when there is no such orchestration.</summary>
    public IReadOnlyList<RecordedHistory> Read(string instanceId)
    {
        database.Prepare("BEGIN").Run();
        try
        {
            var found = new List<RecordedHistory>();
            if (RecordedHistory.Read(database, instanceId) is { } asked)
                found.Add(asked);
            for (var i = 0; i < found.Count; i++)
                found.AddRange(Queries.Children(database, found[i].Row.Key).Select(id => RecordedHistory.Read(database, id)).OfType<RecordedHistory>());
            return found;
        }
        finally
        {
            database.Rollback();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();
}
