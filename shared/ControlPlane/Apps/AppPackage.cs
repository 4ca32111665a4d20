using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace AiOs.ControlPlane.Apps;

/// <summary>A package that is refused before anything in it is read.</summary>
public sealed class InvalidPackageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The files of an app by path (forward slashes, relative, ordinal order).</summary>
public sealed class AppPackage
{
    /// <summary>The largest archive, and the most that its files may hold together: 20 MB.</summary>
    public const int MaxBytes = 20 * 1024 * 1024;

    /// <summary>The most files.</summary>
    public const int MaxFiles = 2000;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    AppPackage(IEnumerable<KeyValuePair<string, byte[]>> files) =>
        Files = files.ToImmutableSortedDictionary(file => file.Key, file => (ReadOnlyMemory<byte>)file.Value, StringComparer.Ordinal);

    /// <summary>Content by path.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files { get; }

    /// <summary>Two packages with the same digest are the same app: every file counts but README.md and evals.yaml, which change nothing that runs.</summary>
    public string ContentDigest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var (path, content) in Files)
                if (path is not ("README.md" or "evals.yaml"))
                {
                    hash.AppendData(Encoding.UTF8.GetBytes($"{path.Length}:{path}:{content.Length}:"));
                    hash.AppendData(content.Span);
                }
            return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>A file's text; null where there is no such file or it is not UTF-8.</summary>
    public string? Text(string path)
    {
        if (!Files.TryGetValue(path, out var content))
            return null;
        try
        {
            var text = Strict.GetString(content.Span);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>A package from texts.</summary>
    public static AppPackage FromFiles(IReadOnlyDictionary<string, string> files)
    {
        foreach (var path in files.Keys)
            PackagePaths.Check(path);
        return new AppPackage(files.Select(file => KeyValuePair.Create(file.Key, Encoding.UTF8.GetBytes(file.Value))));
    }

    /// <summary>The files of a folder; hidden ones are left out.</summary>
    /// <exception cref="InvalidPackageException">There is no such folder, it holds a link, or it is too large.</exception>
    public static AppPackage FromFolder(string folder)
    {
        var root = new DirectoryInfo(folder);
        if (!root.Exists)
            throw new InvalidPackageException($"There is no folder {folder}.");
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        long total = 0;
        foreach (var entry in root.EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
        {
            var path = Path.GetRelativePath(root.FullName, entry.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (path.Split('/').Any(part => part.StartsWith('.')))
                continue;
            if (entry.LinkTarget is not null)
                throw new InvalidPackageException($"{path} is a link; an app holds files only.");
            if (entry is not FileInfo file)
                continue;
            PackagePaths.Check(path);
            if ((total += file.Length) > MaxBytes || files.Count >= MaxFiles)
                throw TooLarge();
            files[path] = File.ReadAllBytes(file.FullName);
        }
        return new AppPackage(files);
    }

    /// <summary>The files of a zip archive, which may hold them in one folder. What a header says of sizes is not believed.</summary>
    /// <exception cref="InvalidPackageException">Not a zip, too large, encrypted, or with links, absolute paths or paths that climb.</exception>
    public static AppPackage FromZip(Stream zip)
    {
        try
        {
            using var buffer = new MemoryStream(ReadAtMost(zip, MaxBytes));
            using var archive = new ZipArchive(buffer, ZipArchiveMode.Read);
            if (archive.Entries.Count > MaxFiles * 2)
                throw TooLarge();
            var files = new Dictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase);
            long total = 0;
            foreach (var entry in archive.Entries)
            {
                if (PackagePaths.IsNoise(entry.FullName))
                    continue;
                PackagePaths.Check(entry.FullName.TrimEnd('/'));
                var mode = (entry.ExternalAttributes >> 16) & 0xF000;
                if (entry.IsEncrypted || mode is not (0 or 0x8000 or 0x4000))
                    throw new InvalidPackageException($"{entry.FullName} is {(entry.IsEncrypted ? "encrypted" : "a link or a device")}; an app holds plain files only.");
                if (entry.FullName.EndsWith('/'))
                    continue;
                using var content = entry.Open();
                var bytes = ReadAtMost(content, MaxBytes - total);
                total += bytes.Length;
                if (!files.TryAdd(entry.FullName, bytes))
                    throw new InvalidPackageException($"{entry.FullName} is in the archive twice.");
                if (files.Count > MaxFiles)
                    throw TooLarge();
            }
            return new AppPackage(PackagePaths.WithoutOuterFolder(files));
        }
        catch (Exception broken) when (broken is InvalidDataException or NotSupportedException or EndOfStreamException)
        {
            throw new InvalidPackageException("This is no zip archive, or it is damaged.", broken);
        }
    }

    /// <summary>The same files always give the same bytes.</summary>
    public byte[] ToZip()
    {
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (path, content) in Files)
            {
                var entry = archive.CreateEntry(path, CompressionLevel.Optimal);
                entry.LastWriteTime = Epoch;
                using var stream = entry.Open();
                stream.Write(content.Span);
            }
        return buffer.ToArray();
    }

    static byte[] ReadAtMost(Stream stream, long most)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[81_920];
        for (int read; (read = stream.Read(chunk)) > 0;)
        {
            if (buffer.Length + read > most)
                throw TooLarge();
            buffer.Write(chunk.AsSpan(0, read));
        }
        return buffer.ToArray();
    }

    static InvalidPackageException TooLarge() => new($"An app has at most {MaxBytes / 1024 / 1024} MB, packed and unpacked, in at most {MaxFiles} files.");
}
