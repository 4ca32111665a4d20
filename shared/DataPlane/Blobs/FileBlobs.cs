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
        if (await HoldsAsync(path, content, cancellationToken)) return reference;
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

    /// <summary>Whether the file is there and is what it should be: one that is damaged is written anew.</summary>
    static async Task<bool> HoldsAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file && file.Length == content.Length && (await File.ReadAllBytesAsync(path, cancellationToken)).AsSpan().SequenceEqual(content.Span);
        }
        catch (IOException)
        {
            return false;   // gone meanwhile, or on a bad sector
        }
    }

    string PathOf(string reference)
    {
        var hash = BlobReference.Hash(reference);
        return Path.Combine(root, hash[..2], hash);
    }
}
