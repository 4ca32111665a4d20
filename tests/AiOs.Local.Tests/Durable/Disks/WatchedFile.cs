namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>One file of a <see cref="TestDisk"/>: what is on the medium for certain, and what was changed since and may or may not be.</summary>
sealed class WatchedFile(TestDisk disk, string path)
{
    /// <summary>A disk writes a sector whole or not at all.</summary>
    const int Sector = 512;

    readonly List<Change> unsynced = [];
    readonly MemoryStream synced = new();

    public TestDisk Disk => disk;

    public string Path => path;

    /// <summary>Whether its name is on the medium.</summary>
    public bool IsNamed { get; set; } = true;

    /// <summary>Whether syncing it syncs its folder too, as SQLite's unix VFS does for a new journal or log.</summary>
    public bool SyncsFolder { get; set; }

    public static WatchedFile Existing(TestDisk disk, string path)
    {
        var file = new WatchedFile(disk, path);
        Put(file.synced, 0, File.ReadAllBytes(path));
        return file;
    }

    public int Fault(DiskOperation operation) => disk.Fault(operation, path);

    public void Written(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (disk.Gate)
            unsynced.Add(new(offset, bytes.ToArray()));
    }

    public void Truncated(long size)
    {
        lock (disk.Gate)
            unsynced.Add(new(size, null));
    }

    public void Synced()
    {
        lock (disk.Gate)
        {
            foreach (var change in unsynced)
                if (change.Bytes is null)
                    synced.SetLength(change.Offset);
                else
                    Put(synced, change.Offset, change.Bytes);
            unsynced.Clear();
            if (SyncsFolder)
                disk.FolderSynced();
            SyncsFolder = false;
        }
    }

    /// <summary>
    /// After a failed fsync the operating system may have marked pages clean that never reached the medium, so that no later fsync writes
    /// them: some changes stay in its cache for readers and are gone with the power.
    /// </summary>
    public void SyncFailed()
    {
        lock (disk.Gate)
            unsynced.RemoveAll(change => change.Bytes is not null && disk.Random.Next(2) == 0);
    }

    /// <summary>What the medium may hold: everything synced, and of the rest each sector or not, whatever their order.</summary>
    public byte[] AfterPowerLoss(Random random)
    {
        var (content, share) = (new MemoryStream(), random.Next(5) / 4.0);
        synced.WriteTo(content);
        foreach (var change in unsynced)
            if (change.Bytes is null)
            {
                if (random.NextDouble() < share)
                    content.SetLength(change.Offset);
            }
            else
                foreach (var (offset, bytes) in Sectors(change.Offset, change.Bytes))
                    if (random.NextDouble() < share)
                        Put(content, offset, bytes);
                    else if (offset >= content.Length && random.Next(4) == 0)
                        Put(content, offset, Garbage(random, bytes.Length));
        return content.ToArray();
    }

    // A file that grew before its data arrived may show whatever was there.
    static byte[] Garbage(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    static IEnumerable<(long Offset, byte[] Bytes)> Sectors(long offset, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)Math.Min(bytes.Length - at, Sector - ((offset + at) % Sector));
            yield return (offset + at, bytes[at..(at + length)]);
            at += length;
        }
    }

    static void Put(MemoryStream content, long offset, byte[] bytes)
    {
        content.Position = offset;
        content.Write(bytes);
    }

    /// <summary>A write, or without bytes a truncation to the size.</summary>
    sealed record Change(long Offset, byte[]? Bytes);
}
