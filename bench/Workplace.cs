namespace AiOs.Bench;

/// <summary>A folder of its own for one run, gone with it.</summary>
sealed class Workplace : IDisposable
{
    /// <summary>A new folder inside <paramref name="parent"/>.</summary>
    public Workplace(string parent) => Folder = Directory.CreateDirectory(Path.Combine(parent, Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>A file in it.</summary>
    public string File(string name) => Path.Combine(Folder, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
