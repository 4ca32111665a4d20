namespace AiOs.Local.Durable.Storage;

/// <summary>A file as the <see cref="RedoLog"/> uses it: read once, then written and synced by one owner.</summary>
interface IDiskFile : IDisposable
{
    /// <summary>How long it is.</summary>
    long Length { get; }

    /// <summary>All of it.</summary>
    byte[] Read();

    /// <summary>Writes, beyond the end too.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Returns when what was written is on the medium; after the first its name is too.</summary>
    void Sync();
}
