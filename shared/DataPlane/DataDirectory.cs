namespace AiOs.DataPlane;

/// <summary>The directory that holds everything a local OS keeps (default <c>.aios</c>): databases, blobs, keys. Owner-only permissions.</summary>
public sealed record DataDirectory(string Path)
{
    /// <summary>The full path of <paramref name="name"/> inside the directory.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);
}
