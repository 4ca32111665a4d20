using AiOs.DataPlane;
using AiOs.DataPlane.Blobs;

namespace AiOs.Tests.DataPlane;

/// <summary>What every blob store promises.</summary>
public abstract class BlobStoreContract
{
    protected abstract IBlobStore Open();

    [Fact]
    public async Task Content_is_found_by_its_hash_and_stored_once()
    {
        var blobs = Open();
        var reference = await blobs.PutAsync("hello"u8.ToArray(), CancellationToken.None);
        Assert.Equal("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", reference);
        Assert.Equal(reference, await blobs.PutAsync("hello"u8.ToArray(), CancellationToken.None));
        Assert.Equal("hello"u8.ToArray(), await blobs.GetAsync(reference, CancellationToken.None));
        var empty = await blobs.PutAsync(ReadOnlyMemory<byte>.Empty, CancellationToken.None);
        Assert.Empty((await blobs.GetAsync(empty, CancellationToken.None))!);
    }

    [Fact]
    public async Task The_same_content_from_many_sides_at_once_is_one_blob()
    {
        var blobs = Open();
        var content = new byte[300_000];
        new Random(7).NextBytes(content);
        var references = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => blobs.PutAsync(content, CancellationToken.None))));
        Assert.Single(references.Distinct(StringComparer.Ordinal));
        Assert.Equal(content, await blobs.GetAsync(references[0], CancellationToken.None));
    }

    [Fact]
    public async Task What_was_never_stored_is_null_and_what_is_no_reference_is_refused()
    {
        var blobs = Open();
        Assert.Null(await blobs.GetAsync("sha256:" + new string('0', 64), CancellationToken.None));
        foreach (var wrong in new[] { "", "sha256:", "sha256:../../owner.key", new string('0', 64), "sha256:" + new string('A', 64) })
            await Assert.ThrowsAsync<FormatException>(() => blobs.GetAsync(wrong, CancellationToken.None));
    }
}

public sealed class FileBlobsTests : BlobStoreContract, IDisposable
{
    readonly TemporaryFolder folder = new();

    protected override IBlobStore Open() => new FileBlobs(new DataDirectory(folder.File("data")));

    [Fact]
    public async Task Damaged_content_is_never_returned_and_is_healed_by_storing_it_again()
    {
        var blobs = Open();
        var reference = await blobs.PutAsync("hello"u8.ToArray(), CancellationToken.None);
        var file = Assert.Single(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
        Assert.False(OwnerOnly.IsOpenToOthers(file));
        foreach (var damaged in new[] { "hell", "hallo" })
        {
            await File.WriteAllTextAsync(file, damaged);
            await Assert.ThrowsAsync<InvalidDataException>(() => blobs.GetAsync(reference, CancellationToken.None));
            await blobs.PutAsync("hello"u8.ToArray(), CancellationToken.None);
            Assert.Equal("hello"u8.ToArray(), await blobs.GetAsync(reference, CancellationToken.None));
        }
    }

    public void Dispose() => folder.Dispose();
}
