using System.Security.Cryptography;
using AiOs.DataPlane;
using Microsoft.Extensions.Configuration;

namespace AiOs.Security;

/// <summary>The vault's two keys, derived (HKDF, RFC 5869) from one 256-bit secret: <c>AIOS_VAULT_KEY</c> in base64, else the file
/// <c>vault.key</c> of the data directory, made on first start with mode 0600.</summary>
public sealed class VaultKeys
{
    /// <summary>Configuration key of the secret.</summary>
    public const string Key = "AIOS_VAULT_KEY";
    const int Size = 32;

    VaultKeys(byte[] secret)
    {
        Naming = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Size, info: "aios vault names v1"u8.ToArray());
        Sealing = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Size, info: "aios vault originals v1"u8.ToArray());
        Fingerprint = Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 16, info: "aios vault fingerprint v1"u8.ToArray()));
        CryptographicOperations.ZeroMemory(secret);
    }

    /// <summary>Tells one secret from another and says nothing about it.</summary>
    internal string Fingerprint { get; }

    /// <summary>For the HMAC that names a value's token.</summary>
    internal byte[] Naming { get; }

    /// <summary>For AES-256-GCM over the original.</summary>
    internal byte[] Sealing { get; }

    /// <summary>Reads the secret, or makes it on first start.</summary>
    /// <exception cref="InvalidDataException">It is no 256-bit key, or others than its owner can read the file.</exception>
    public static VaultKeys Open(IConfiguration configuration, DataDirectory data)
    {
        if (configuration[Key] is { Length: > 0 } given) return new VaultKeys(Decode(given, Key));
        var path = data.File("vault.key");
        if (!File.Exists(path)) Make(path);
        if (OwnerOnly.IsOpenToOthers(path)) throw new InvalidDataException($"{path} can be opened by others than its owner; set its mode to 0600.");
        return new VaultKeys(Decode(File.ReadAllText(path).Trim(), path));
    }

    static void Make(string path)
    {
        OwnerOnly.CreateFolder(Path.GetDirectoryName(path)!);
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size));
        OwnerOnly.WriteNew(path, secret);
    }

    static byte[] Decode(string text, string where)
    {
        var secret = new byte[Size];
        return Convert.TryFromBase64String(text, secret, out var length) && length == Size
            ? secret
            : throw new InvalidDataException($"{where} must be {Size} random bytes in base64.");
    }
}
