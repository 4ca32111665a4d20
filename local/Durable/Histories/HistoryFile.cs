using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Durable.Histories;

/// <summary>
/// Reads histories from an engine's file, also while an engine works on it: everything that was written when the file was opened. What a killed
/// engine left in its log is put into the file first, as the engine's next start would.
/// </summary>
public sealed class HistoryFile : IDisposable
{
    const int PageSize = 500;

    static readonly TimeSpan patience = TimeSpan.FromSeconds(5);
    static readonly TimeSpan settling = TimeSpan.FromSeconds(0.5);
    static readonly TimeSpan pause = TimeSpan.FromMilliseconds(10);

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
            var version = Schema.Check(opened, path);
            if (version == 0)
                throw new DurableStoreException(StoreFault.Other, $"'{path}' is empty.");
            if (version >= Schema.WithShaLog)
                CatchUp(opened, path);
            return new(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    // An engine at work brings its tables up to date within a quarter of a second; where none is, we do.
    static void CatchUp(Sqlite database, string path)
    {
        var log = path + DurableStore.LogSuffix;
        if (!File.Exists(log))
            return;
        var newest = RedoLog.LastIn(Content(log), Schema.Redo(database).Id);
        using var never = new ManualResetEventSlim();
        for (var began = TimeProvider.System.GetTimestamp(); Schema.Redo(database).Applied < newest; never.Wait(pause))
            if (TimeProvider.System.GetElapsedTime(began) is var waited && waited > settling && DurableStore.TryCatchUp(path) is { } busy && waited > patience)
                throw busy;
    }

    static byte[] Content(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
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
