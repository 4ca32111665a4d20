using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AiOs.DataPlane;

/// <summary>Files and folders that nobody but their owner can open, and that survive a power cut once the call has returned.
/// Windows has no modes: there the folder inherits the permissions of the user's profile.</summary>
public static class OwnerOnly
{
    const UnixFileMode File600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode Folder700 = File600 | UnixFileMode.UserExecute;

    /// <summary>Creates <paramref name="path"/>, and what is missing above it, with mode 0700. A folder that exists keeps its mode: it may be anybody's.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(Path.GetFullPath(path))!;
        CreateFolder(parent);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, Folder700);
        FlushFolder(parent);
    }

    /// <summary>Creates an empty file of mode 0600 unless there is one.</summary>
    public static void CreateFile(string path)
    {
        if (File.Exists(path)) return;
        try
        {
            new FileStream(path, NewFile()).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster.
        }
    }

    /// <summary>Writes a file of mode 0600 so that other readers see all of it or nothing: temporary file, fsync, rename, fsync of the folder.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (var file = new FileStream(temporary, NewFile()))
            {
                await file.WriteAsync(content, cancellationToken);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Writes a small text file of mode 0600 that must not exist yet; where another process was faster, its file stays.</summary>
    public static void WriteNew(string path, string text)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        using (var file = new FileStream(temporary, NewFile()))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Whether anybody but the owner may read, write or execute <paramref name="path"/>; false on Windows.</summary>
    public static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~Folder700) != UnixFileMode.None;

    static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = File600;
        return options;
    }

    /// <summary>Makes a rename inside <paramref name="path"/> durable. .NET opens no folders, so this asks libc (open(2), fsync(2)).</summary>
    static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var folder = Open(path, 0);
        if (folder < 0) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The folder {path} cannot be opened to make it durable (errno {Marshal.GetLastPInvokeError()})."));
        try
        {
            const int NotSupportedHere = 22;   // EINVAL: some network file systems have no fsync for folders
            if (Fsync(folder) != 0 && Marshal.GetLastPInvokeError() is var error and not NotSupportedHere)
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The folder {path} cannot be made durable (errno {error})."));
        }
        finally
        {
            _ = Close(folder);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    static extern int Fsync(int file);

    [DllImport("libc", EntryPoint = "close")]
    static extern int Close(int file);
}
