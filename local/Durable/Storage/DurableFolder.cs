using System.Runtime.InteropServices;

namespace AiOs.Local.Durable.Storage;

/// <summary>
/// Makes folders whose names outlast a loss of power. SQLite syncs the folder of a new file itself, but not the folders above; without this a
/// file could be on disk in a folder that is not.
/// </summary>
static class DurableFolder
{
    /// <summary>Makes the folder and those above it, where they are missing.</summary>
    /// <exception cref="IOException">One cannot be made or synced.</exception>
    public static void Make(string path)
    {
        if (Directory.Exists(path) || Path.GetDirectoryName(path) is not { } parent)
            return;
        Make(parent);
        Directory.CreateDirectory(path);
        Sync(parent);
    }

    /// <summary>Makes the names in a folder outlast a loss of power; on Windows they do by themselves.</summary>
    /// <exception cref="IOException">It cannot be synced.</exception>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(folder, flags: 0);
        if (descriptor < 0)
            throw Failure(folder);
        var code = Flush(descriptor);
        var failure = code < 0 ? Failure(folder) : null;
        _ = Close(descriptor);
        if (failure is not null)
            throw failure;
    }

    static IOException Failure(string folder) => new($"The folder '{folder}' cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}");

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Flush(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Close(int descriptor);
}
