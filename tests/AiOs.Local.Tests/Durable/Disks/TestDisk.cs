using SQLitePCL;

namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>What a program asks of a disk.</summary>
enum DiskOperation
{
    Open,
    Read,
    Write,
    Truncate,
    Sync,
    Delete,
}

/// <summary>
/// The disk under one folder, as SQLite sees it: it can fail any operation, and it knows at any instant what a loss of power would leave.
/// </summary>
sealed class TestDisk : IDisposable
{
    readonly Dictionary<string, WatchedFile> files = new(StringComparer.Ordinal);
    readonly Dictionary<string, WatchedFile> deleted = new(StringComparer.Ordinal);
    readonly TemporaryFolder folder = new();
    Func<DiskOperation, string, int> fault = (_, _) => raw.SQLITE_OK;

    public TestDisk(int seed)
    {
        Random = new(seed);
        VfsShim.Add(this);
    }

    public string Folder => folder.Path;

    /// <summary>Guards everything that the disk knows; chance included.</summary>
    public Lock Gate { get; } = new();

    public Random Random { get; }

    /// <summary>Called before every change; the disk stands still meanwhile.</summary>
    public Action BeforeChange { get; set; } = () => { };

    /// <summary>Whether it only says that it has synced.</summary>
    public bool Lies { get; set; }

    /// <summary>Operations that failed.</summary>
    public int Failures { get; private set; }

    public string File(string name) => folder.File(name);

    /// <summary>Fails operations from now on: with the SQLite result code that <paramref name="rule"/> gives for operation and path, 0 for none.</summary>
    public void Fail(Func<DiskOperation, string, int> rule)
    {
        lock (Gate)
            fault = rule;
    }

    /// <summary>Works again.</summary>
    public void Heal() => Fail((_, _) => raw.SQLITE_OK);

    public int Fault(DiskOperation operation, string path)
    {
        lock (Gate)
        {
            if (operation is not (DiskOperation.Open or DiskOperation.Read))
                BeforeChange();
            var code = fault(operation, path);
            Failures += code == raw.SQLITE_OK ? 0 : 1;
            return code;
        }
    }

    public WatchedFile Opened(string path, bool created, bool syncsFolder)
    {
        lock (Gate)
        {
            if (!files.TryGetValue(path, out var file))
                files[path] = file = created ? new(this, path) { IsNamed = false, SyncsFolder = syncsFolder } : WatchedFile.Existing(this, path);
            return file;
        }
    }

    public void Deleted(string path, bool durably)
    {
        lock (Gate)
            if (files.Remove(path, out var file) && !durably && file.IsNamed)
                deleted[path] = file;
            else
                deleted.Remove(path);
    }

    /// <summary>The names in the folder are on the medium as they are.</summary>
    public void FolderSynced()
    {
        deleted.Clear();
        foreach (var file in files.Values)
            file.IsNamed = true;
    }

    /// <summary>What may be on the medium when the power goes now: names and contents.</summary>
    public Dictionary<string, byte[]> AfterPowerLoss()
    {
        lock (Gate)
        {
            var left = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var file in deleted.Values.Where(_ => Random.Next(2) == 0).Concat(files.Values.Where(f => f.IsNamed || Random.Next(2) == 0)))
                left[Path.GetFileName(file.Path)] = file.AfterPowerLoss(Random);
            return left;
        }
    }

    public void Dispose()
    {
        VfsShim.Remove(this);
        folder.Dispose();
    }
}
