using System.Security.Cryptography;
using System.Text;

namespace AiOs.Agents.Retrieval;

/// <summary>What makes two documents the same: path, text, format and roles.</summary>
static class FileDigest
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>SHA-256 of a document, hexadecimal.</summary>
    /// <exception cref="InvalidDataException">The text is no Unicode; names the file.</exception>
    public static string Of(KnowledgeFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, file.Path, file.Path);
        Add(hash, file.Text, file.Path);
        Add(hash, file.Format.ToString(), file.Path);
        foreach (var role in file.Roles)
            Add(hash, role, file.Path);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 of all that makes an index.</summary>
    /// <exception cref="ArgumentException">Two documents have one path.</exception>
    public static string OfAll(IReadOnlyList<KnowledgeFile> files, IReadOnlyList<string> digests, string format, string encoder)
    {
        for (var i = 1; i < files.Count; i++)
            if (files[i].Path == files[i - 1].Path)
                throw new ArgumentException($"{files[i].Path} is given twice.", nameof(files));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in digests.Prepend(encoder).Prepend(format))
            Add(hash, text, text);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void Add(IncrementalHash hash, string text, string path)
    {
        try
        {
            var bytes = Utf8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        catch (EncoderFallbackException broken)
        {
            throw new InvalidDataException($"{path}: the text is not valid Unicode.", broken);
        }
    }
}
