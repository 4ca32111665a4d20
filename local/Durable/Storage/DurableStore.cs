using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Durable.Storage;

/// <summary>The engine's file: one writer that commits in groups, readers beside it. Without a path everything is in memory and read by the writer.</summary>
sealed class DurableStore : IAsyncDisposable
{
    static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);

    readonly string? path;
    readonly ILogger log;
    readonly FileStream? owner;
    readonly Sqlite writer;
    readonly ConcurrentBag<Sqlite> readers = [];
    volatile bool closed;

    DurableStore(string? path, FileStream? owner, Sqlite writer, ILogger log)
    {
        this.path = path;
        this.owner = owner;
        this.writer = writer;
        this.log = log;
        Commits = new CommitLoop(writer, log);
    }

    /// <summary>Where every change goes.</summary>
    public CommitLoop Commits { get; }

    /// <summary>Opens the file and takes it for this engine alone; creates it and its folder when missing.</summary>
    /// <exception cref="DurableStoreException">Another engine has it, a newer engine wrote it, or it cannot be used.</exception>
    public static DurableStore Open(string? path, ILogger log)
    {
        var mine = path is null ? null : Own(path);
        Sqlite? opened = null;
        try
        {
            opened = Sqlite.Open(path ?? ":memory:", readOnly: false);
            opened.Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536");
            Schema.Prepare(opened, path ?? ":memory:");
            return new DurableStore(path, mine, opened, log);
        }
        catch
        {
            opened?.Dispose();
            mine?.Dispose();
            throw;
        }
    }

    // A lock of the operating system, gone with the process however that ends.
    static FileStream Own(string path)
    {
        try
        {
            DurableFolder.Make(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException || (failure is IOException && !File.Exists(path + ".lock")))
        {
            throw new DurableStoreException(StoreFault.Disk, $"'{path}' cannot be made ({failure.Message}). Name a folder that exists or can be made, may be written and has room.");
        }
        catch (IOException failure)
        {
            throw new DurableStoreException(StoreFault.Busy, $"Another engine is using '{path}' ({failure.Message}). Stop it, or use another data folder.");
        }
    }

    /// <summary>How long the writer waits for a lock that another program holds; 5 seconds unless set.</summary>
    public void SetPatience(TimeSpan patience) => writer.SetPatience(patience);

    /// <summary>Reads what is committed, on a thread of the pool.</summary>
    public Task<T> ReadAsync<T>(Func<Sqlite, T> read, CancellationToken cancellationToken) => path is null
        ? Commits.RequestAsync(tables => read(tables.Database), then: null, cancellationToken)
        : Task.Run(() => Read(read), cancellationToken);

    /// <summary>Reads for the engine itself, which nobody else would try again: while the disk does not answer it goes on trying.</summary>
    public async Task<T> ReadPatientlyAsync<T>(Func<Sqlite, T> read)
    {
        while (true)
            try
            {
                return await ReadAsync(read, CancellationToken.None);
            }
            catch (DurableStoreException failure) when (failure.MayPass && !closed)
            {
                log.ReadFailed(failure);
                await Task.Delay(pause, TimeProvider.System, CancellationToken.None);
            }
    }

    T Read<T>(Func<Sqlite, T> read)
    {
        if (!readers.TryTake(out var reader))
            reader = Sqlite.Open(path!, readOnly: true);
        var well = false;
        try
        {
            reader.Prepare("BEGIN").Run();
            var found = read(reader);
            well = true;
            return found;
        }
        finally
        {
            reader.Rollback();
            if (closed || !well)
                reader.Dispose();
            else
                readers.Add(reader);
        }
    }

    /// <summary>Writes what waits and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await Commits.DisposeAsync();
        Close();
    }

    /// <summary>Closes at once, as when the process is killed.</summary>
    public async Task AbandonAsync()
    {
        await Commits.AbandonAsync();
        Close();
    }

    void Close()
    {
        closed = true;
        foreach (var reader in readers)
            reader.Dispose();
        readers.Clear();
        writer.Dispose();
        owner?.Dispose();
    }
}
