using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Durable.Storage;

/// <summary>The engine's file: one writer that commits in groups, readers beside it. Without a path everything is in memory and read by the writer.</summary>
sealed class DurableStore : IAsyncDisposable
{
    /// <summary>What the log is called, after the name of the file.</summary>
    public const string LogSuffix = "-redo";

    static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);

    readonly string? path;
    readonly ILogger log;
    readonly FileStream? owner;
    readonly Sqlite writer;
    readonly RedoLog? redo;
    readonly ConcurrentBag<Sqlite> readers = [];
    volatile bool closed;

    DurableStore(string? path, FileStream? owner, Sqlite writer, RedoLog? redo, ILogger log)
    {
        this.path = path;
        this.owner = owner;
        this.writer = writer;
        this.redo = redo;
        this.log = log;
        Commits = new CommitLoop(writer, redo, log);
    }

    /// <summary>Where every change goes.</summary>
    public CommitLoop Commits { get; }

    /// <summary>Opens the file and takes it for this engine alone; creates it and its folder when missing.</summary>
    /// <param name="files">Opens the log beside it.</param>
    /// <exception cref="DurableStoreException">Another engine has it, a newer engine wrote it, or it cannot be used.</exception>
    public static DurableStore Open(string? path, Func<string, IDiskFile> files, ILogger log)
    {
        var mine = path is null ? null : Own(path);
        Sqlite? opened = null;
        RedoLog? beside = null;
        try
        {
            opened = Writer(path ?? ":memory:");
            beside = path is null ? null : Transactions.Recover(opened, path + LogSuffix, files);
            return new DurableStore(path, mine, opened, beside, log);
        }
        catch
        {
            beside?.Dispose();
            opened?.Dispose();
            mine?.Dispose();
            throw;
        }
    }

    /// <summary>Puts what the log holds into the tables of a file that no engine has; otherwise says why not.</summary>
    public static DurableStoreException? TryCatchUp(string path)
    {
        try
        {
            using var mine = Own(path);
            using var tables = Writer(path);
            using var beside = Transactions.Recover(tables, path + LogSuffix, DiskFile.Open);
            return null;
        }
        catch (DurableStoreException failure) when (failure.MayPass)
        {
            return failure;
        }
    }

    static Sqlite Writer(string path)
    {
        var opened = Sqlite.Open(path, readOnly: false);
        try
        {
            opened.Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536");
            Schema.Prepare(opened, path);
            return opened;
        }
        catch
        {
            opened.Dispose();
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

    /// <summary>Reads what is written, on a thread of the pool.</summary>
    public async Task<T> ReadAsync<T>(Func<Sqlite, T> read, CancellationToken cancellationToken)
    {
        if (path is null)
            return await LookAsync(read, cancellationToken);
        return !Commits.IsAhead || await TrySettleAsync(cancellationToken)
            ? await Task.Run(() => Read(read), cancellationToken)
            : await LookAsync(read, cancellationToken);
    }

    // What the tables have no room for is read where it is: in the transaction of the one who writes them.
    async Task<bool> TrySettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Commits.SettleAsync(cancellationToken);
            return true;
        }
        catch (DurableStoreException failure) when (failure.MayPass)
        {
            return false;
        }
    }

    // Between two groups, by the one who writes them.
    Task<T> LookAsync<T>(Func<Sqlite, T> read, CancellationToken cancellationToken) =>
        Commits.LookAsync(tables => read(tables.Database), cancellationToken);

    /// <summary>Reads a little for the engine itself, which nobody else would try again: while the disk does not answer it goes on trying.</summary>
    public async Task<T> ReadPatientlyAsync<T>(Func<Sqlite, T> read)
    {
        while (true)
            try
            {
                return await (Commits.IsAhead ? LookAsync(read, CancellationToken.None) : ReadAsync(read, CancellationToken.None));
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
        redo?.Dispose();
        owner?.Dispose();
    }
}
