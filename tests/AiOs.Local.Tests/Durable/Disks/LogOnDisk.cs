using AiOs.Local.Durable.Storage;
using SQLitePCL;

namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>The engine's log on a <see cref="TestDisk"/>, where it fails and loses its power with the files of SQLite.</summary>
sealed class LogOnDisk : IDiskFile
{
    readonly FileStream real;
    readonly WatchedFile watched;

    LogOnDisk(FileStream real, WatchedFile watched) => (this.real, this.watched) = (real, watched);

    public long Length => real.Length;

    public static LogOnDisk Open(TestDisk disk, string path)
    {
        Refuse(disk.Fault(DiskOperation.Open, path));
        var existed = File.Exists(path);
        var real = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        return new(real, disk.Opened(path, created: !existed, syncsFolder: !existed));
    }

    public byte[] Read()
    {
        Refuse(watched.Fault(DiskOperation.Read));
        var bytes = new byte[real.Length];
        real.Position = 0;
        real.ReadExactly(bytes);
        return bytes;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        var fault = watched.Fault(DiskOperation.Write);

        // A write that fails may have written its beginning.
        var written = fault == raw.SQLITE_OK ? bytes : bytes[..(bytes.Length / 2)];
        real.Position = offset;
        real.Write(written);
        watched.Written(offset, written);
        Refuse(fault);
    }

    public void Sync()
    {
        var fault = watched.Fault(DiskOperation.Sync);
        if (fault != raw.SQLITE_OK)
            watched.SyncFailed();
        else if (!watched.Disk.Lies)
            watched.Synced();
        Refuse(fault);
    }

    public void Dispose() => real.Dispose();

    static void Refuse(int fault)
    {
        if (fault != raw.SQLITE_OK)
            throw new IOException("The disk refuses.", fault == raw.SQLITE_FULL ? 28 : fault);
    }
}
