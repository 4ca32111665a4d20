using System.Security.Cryptography;

namespace AiOs.DataPlane.Blobs;

/// <summary>The form of a blob's reference: <c>sha256:</c> and 64 lower-case hex digits.</summary>
public static class BlobReference
{
    const string Prefix = "sha256:";

    /// <summary>The reference of <paramref name="content"/>.</summary>
    public static string Of(ReadOnlySpan<byte> content) => Prefix + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The hex digits of <paramref name="reference"/>.</summary>
    /// <exception cref="FormatException">It is no reference; nothing of it reaches a path.</exception>
    public static string Hash(string reference)
    {
        var hash = reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : "";
        if (hash.Length != 64 || hash.AsSpan().ContainsAnyExcept("0123456789abcdef")) throw new FormatException("A blob reference is sha256: and 64 lower-case hex digits.");
        return hash;
    }
}
