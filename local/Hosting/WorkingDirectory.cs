using AiOs.DataPlane;

namespace AiOs.Local.Hosting;

/// <summary>The data directory of a host, held by it alone; a temporary one is removed with it.</summary>
sealed record WorkingDirectory(string Path, bool IsTemporary) : IDisposable
{
    FileStream? held;

    public static WorkingDirectory Open(string? path)
    {
        if (path is null)
            return new(Directory.CreateTempSubdirectory("aios-").FullName, IsTemporary: true);
        var full = System.IO.Path.GetFullPath(path);
        OwnerOnly.CreateFolder(full);
        var lockFile = System.IO.Path.Combine(full, "host.lock");
        OwnerOnly.CreateFile(lockFile);
        try
        {
            return new(full, IsTemporary: false) { held = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None) };
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"The data directory {full} is in use by another host; stop that one, or give this one a directory of its own.", e);
        }
    }

    public void Dispose()
    {
        held?.Dispose();
        if (IsTemporary && Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
