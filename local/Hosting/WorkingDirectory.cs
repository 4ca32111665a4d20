using AiOs.DataPlane;

namespace AiOs.Local.Hosting;

/// <summary>The data directory of a host; a temporary one is removed with it.</summary>
sealed record WorkingDirectory(string Path, bool IsTemporary) : IDisposable
{
    public static WorkingDirectory Open(string? path)
    {
        if (path is null)
            return new(Directory.CreateTempSubdirectory("aios-").FullName, IsTemporary: true);
        var full = System.IO.Path.GetFullPath(path);
        OwnerOnly.CreateFolder(full);
        return new(full, IsTemporary: false);
    }

    public void Dispose()
    {
        if (IsTemporary && Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
