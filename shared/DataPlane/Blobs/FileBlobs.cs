namespace AiOs.DataPlane.Blobs;

/// <summary>Blobs as files <c>blobs/ab/abcdef...</c> in the data directory, readable by their owner only.</summary>
public sealed class FileBlobs(DataDirectory data) : IBlobStore
{
    readonly string root = data.File("blobs");

    /// <inheritdoc/>
    public async Task<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var reference = BlobReference.Of(content.Span);
        var path = PathOf(reference);
        if (new FileInfo(path) is { Exists: true } file && file.Length == content.Length) return reference;
        OwnerOnly.CreateFolder(Path.GetDirectoryName(path)!);
        await OwnerOnly.WriteAsync(path, content, cancellationToken);
        return reference;
    }

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string reference, CancellationToken cancellationToken)
    {
        byte[] content;
        try
        {
            content = await File.ReadAllBytesAsync(PathOf(reference), cancellationToken);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        return BlobReference.Of(content) == reference ? content : throw new InvalidDataException($"The blob {reference} is damaged: its content has another hash.");
    }

    string PathOf(string reference)
    {
        var hash = BlobReference.Hash(reference);
        return Path.Combine(root, hash[..2], hash);
    }
}
