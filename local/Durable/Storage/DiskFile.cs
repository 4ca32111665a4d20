using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AiOs.Local.Durable.Storage;

/// <summary>A file of the operating system. On Linux it is synced with fdatasync, which leaves out its time stamps.</summary>
sealed class DiskFile : IDiskFile
{
    readonly SafeFileHandle handle;
    readonly string folder;
    bool named;

    DiskFile(SafeFileHandle handle, string folder) => (this.handle, this.folder) = (handle, folder);

    public long Length => RandomAccess.GetLength(handle);

    /// <summary>Opens it, or makes it. One that is there may have been made by a process that died before its name was on the medium.</summary>
    public static DiskFile Open(string path) =>
        new(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read), Path.GetDirectoryName(Path.GetFullPath(path))!);

    public byte[] Read()
    {
        var bytes = new byte[Length];
        for (var read = 0; read < bytes.Length;)
        {
            var count = RandomAccess.Read(handle, bytes.AsSpan(read), read);
            if (count == 0)
                throw new IOException("The file ended while it was read.");
            read += count;
        }
        return bytes;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

    public void Sync()
    {
        if (!OperatingSystem.IsLinux())
            RandomAccess.FlushToDisk(handle);
        else if (SyncData(handle) != 0)
            throw new IOException($"fdatasync failed: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        if (named)
            return;
        DurableFolder.Sync(folder);
        named = true;
    }

    public void Dispose() => handle.Dispose();

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int SyncData(SafeFileHandle file);
}
