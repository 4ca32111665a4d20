namespace AiOs.DataPlane;

/// <summary>Content-addressed blobs: a reference is <c>sha256:</c> and 64 lower-case hex digits of the content.</summary>
public interface IBlobStore
{
    /// <summary>Stores <paramref name="content"/> durably and returns its reference; storing the same content again is free.</summary>
    Task<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The content behind <paramref name="reference"/>, or null where there is none. Content that no longer matches its hash is an <see cref="InvalidDataException"/>.</summary>
    Task<byte[]?> GetAsync(string reference, CancellationToken cancellationToken);
}
