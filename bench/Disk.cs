using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AiOs.Bench;

/// <summary>What the disk itself gives: 4 KiB written in place and made durable, one after the other, as a log that is used again does it.</summary>
static class Disk
{
    const int Block = 4096;
    const int Blocks = 1000;

    static readonly TimeSpan length = TimeSpan.FromSeconds(1);

    /// <summary>Writes made durable per second: by fdatasync on Linux, elsewhere by what .NET flushes with.</summary>
    public static double SyncsPerSecond(string folder)
    {
        var path = Path.Combine(folder, "disk.probe");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        RandomAccess.Write(file, new byte[Block * Blocks], 0);
        RandomAccess.FlushToDisk(file);
        var page = new byte[Block];
        var syncs = 0;
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < length)
        {
            RandomAccess.Write(file, page, (long)Block * (syncs++ % Blocks));
            Sync(file);
        }
        return syncs / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    static void Sync(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
            RandomAccess.FlushToDisk(file);
        else if (fdatasync(file) != 0)
            throw new IOException("fdatasync failed: " + Marshal.GetLastPInvokeErrorMessage());
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int fdatasync(SafeFileHandle file);
}
