using System.IO.Compression;
using AiOs.ControlPlane.Apps;

namespace AiOs.Shared.Tests.Apps;

/// <summary>Archives come from strangers: what climbs, links, repeats or bombs is refused before it is read.</summary>
public sealed class AppPackageTests
{
    static MemoryStream Zip(Action<ZipArchive> fill)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            fill(archive);
        stream.Position = 0;
        return stream;
    }

    static void Add(ZipArchive archive, string path, string text = "name: x", int mode = 0)
    {
        var entry = archive.CreateEntry(path);
        entry.ExternalAttributes = mode << 16;
        using var writer = new StreamWriter(entry.Open());
        writer.Write(text);
    }

    [Theory]
    [InlineData("../app.yaml")]
    [InlineData("a/../../app.yaml")]
    [InlineData("/etc/passwd")]
    [InlineData("C:/app.yaml")]
    [InlineData("a\\..\\app.yaml")]
    [InlineData("a//b.yaml")]
    [InlineData("./app.yaml")]
    [InlineData("a\nb.yaml")]
    public void A_path_that_leaves_the_folder_is_refused(string path) => Assert.Throws<InvalidPackageException>(() => AppPackage.FromZip(Zip(archive => Add(archive, path))));

    [Fact]
    public void Links_and_files_that_are_there_twice_are_refused()
    {
        Assert.Contains("link", Assert.Throws<InvalidPackageException>(() => AppPackage.FromZip(Zip(archive => Add(archive, "app.yaml", "/etc/passwd", 0xA1FF)))).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<InvalidPackageException>(() => AppPackage.FromZip(Zip(archive =>
        {
            Add(archive, "app.yaml");
            Add(archive, "APP.yaml");
        }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_is_not_unpacked()
    {
        var zeros = new byte[1024 * 1024];
        using var bomb = Zip(archive =>
        {
            using var stream = archive.CreateEntry("app.yaml", CompressionLevel.Optimal).Open();
            for (var i = 0; i < 64; i++)
                stream.Write(zeros);
        });
        Assert.True(bomb.Length < 200_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("at most 20 MB", Assert.Throws<InvalidPackageException>(() => AppPackage.FromZip(bomb)).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000);
        Assert.Throws<InvalidPackageException>(() => AppPackage.FromZip(Zip(archive => Enumerable.Range(0, AppPackage.MaxFiles + 1).ToList().ForEach(i => Add(archive, $"{i}.md", "")))));
        Assert.Throws<InvalidPackageException>(() => AppPackage.FromZip(new MemoryStream([.. "PK\u0003\u0004 nothing"u8])));
        Assert.Throws<InvalidPackageException>(() => AppPackage.FromZip(new MemoryStream()));
    }

    [Fact]
    public void The_folder_its_archive_and_an_archive_with_the_folder_in_it_are_the_same_package()
    {
        var package = SmallApp.Package();
        using var folder = new TemporaryFolder();
        foreach (var (path, content) in package.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(path))!);
            File.WriteAllBytes(folder.File(path), content.Span);
        }
        File.WriteAllText(folder.File(".hidden"), "not part of it");
        var archived = AppPackage.FromZip(new MemoryStream(package.ToZip()));
        var nested = AppPackage.FromZip(Zip(archive =>
        {
            Add(archive, "__MACOSX/x");
            foreach (var path in package.Files.Keys)
                Add(archive, "small-claims/" + path, package.Text(path)!);
        }));

        foreach (var same in new[] { archived, nested, AppPackage.FromFolder(folder.Path) })
        {
            Assert.Equal(package.Files.Keys, same.Files.Keys);
            Assert.Equal(package.ContentDigest, same.ContentDigest);
        }
        Assert.Equal(package.ToZip(), archived.ToZip());
        Assert.NotEqual(package.ContentDigest, SmallApp.Package(("policy.yaml", "0.6", "0.7")).ContentDigest);
        Assert.Equal(package.ContentDigest, SmallApp.Package(("evals.yaml", "boiler", "stove")).ContentDigest);
        File.CreateSymbolicLink(folder.File("link.md"), folder.File("app.yaml"));
        Assert.Throws<InvalidPackageException>(() => AppPackage.FromFolder(folder.Path));
    }
}
