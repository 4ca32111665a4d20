using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AiOs.DataPlane;
using Dapper;

namespace AiOs.Security;

/// <summary>Where the originals of tokens live, and nowhere else. The same value has the same token under one vault key; an original is stored
/// once, as AES-256-GCM with its token as associated data, so that entries cannot be swapped.</summary>
public sealed partial class Vault(Database database, VaultKeys keys, TimeProvider time)
{
    const int NonceSize = 12;
    const int TagSize = 16;
    readonly RecentSet stored = new(65_536);
    volatile bool fits;

    /// <summary>Matches one token; group <c>kind</c> is its kind.</summary>
    [GeneratedRegex(@"\[(?<kind>email|phone|card|iban):[a-z2-7]{26}\]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    public static partial Regex TokenPattern { get; }

    /// <summary>Whether <paramref name="text"/> holds anything of a token's form.</summary>
    public static bool ContainsToken(string text) => text.Contains('[', StringComparison.Ordinal) && TokenPattern.IsMatch(text);

    /// <summary>The tokens of <paramref name="values"/>, in their order; originals not seen before are stored durably.</summary>
    internal async Task<IReadOnlyList<string>> StoreAsync(string app, IReadOnlyList<PersonalValue> values, CancellationToken cancellationToken)
    {
        if (values.Count == 0) return [];
        await CheckKeyAsync(cancellationToken);
        var tokens = values.Select(Name).ToArray();
        var entries = values.Zip(tokens).Where(pair => !stored.Contains(pair.Second)).DistinctBy(pair => pair.Second, StringComparer.Ordinal).ToArray();
        if (entries.Length == 0) return tokens;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var rows = entries.Select(pair => new { Token = pair.Second, pair.First.Kind, App = app, Sealed = Seal(pair.Second, pair.First.Original), CreatedAt = now }).ToArray();
        await database.WriteAsync(System.Data.IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync("""
            INSERT INTO vault_entries (token, kind, app, sealed, created_at) VALUES (@Token, @Kind, @App, @Sealed, @CreatedAt) ON CONFLICT (token) DO NOTHING
            """, rows, transaction), cancellationToken);
        foreach (var (_, token) in entries) stored.Add(token);
        return tokens;
    }

    /// <summary>Replaces every token inside <paramref name="text"/> by its original; what only looks like a token stays as it is.</summary>
    /// <exception cref="CryptographicException">An entry was tampered with, or was sealed under another key.</exception>
    public async Task<string> RevealAsync(string text, CancellationToken cancellationToken)
    {
        if (!ContainsToken(text)) return text;
        await CheckKeyAsync(cancellationToken);
        var tokens = TokenPattern.Matches(text).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToArray();
        var originals = await database.ReadAsync(async connection =>
        {
            var found = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var token in tokens)
                if (await connection.QuerySingleOrDefaultAsync<byte[]>("SELECT sealed FROM vault_entries WHERE token = @token", new { token }) is { } entry)
                    found[token] = Open(token, entry);
            return found;
        }, cancellationToken);
        return TokenPattern.Replace(text, match => originals.GetValueOrDefault(match.Value, match.Value));
    }

    /// <summary>Takes from <paramref name="text"/>, which comes from outside, the power to name the originals of others: what looks like a token there
    /// gets round brackets.</summary>
    internal static string Disarm(string text) => ContainsToken(text) ? TokenPattern.Replace(text, match => $"({match.ValueSpan[1..^1]})") : text;

    /// <summary>A vault is opened with the key that it was begun with: another one would give every value a second token and reveal nothing.</summary>
    async Task CheckKeyAsync(CancellationToken cancellationToken)
    {
        if (fits) return;
        var row = new { keys.Fingerprint, now = time.GetUtcNow().ToUnixTimeMilliseconds() };
        var known = await database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("INSERT INTO vault_keys (fingerprint, first_used_at) SELECT @Fingerprint, @now WHERE NOT EXISTS (SELECT 1 FROM vault_keys)", row, transaction);
            return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM vault_keys WHERE fingerprint = @Fingerprint", row, transaction);
        }, cancellationToken);
        if (known == 0) throw new InvalidDataException($"The vault in this database was begun with another key: give {VaultKeys.Key} its value, or put its vault.key back.");
        fits = true;
    }

    string Name(PersonalValue value)
    {
        var hash = HMACSHA256.HashData(keys.Naming, Encoding.UTF8.GetBytes($"{value.Kind}\0{value.Normalised}"));
        return $"[{value.Kind}:{Base32.Encode(hash)[..26]}]";
    }

    /// <summary>Nonce, tag and ciphertext, in this order.</summary>
    byte[] Seal(string token, string original)
    {
        var plain = Encoding.UTF8.GetBytes(original);
        var entry = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(entry.AsSpan(0, NonceSize));
        using var cipher = new AesGcm(keys.Sealing, TagSize);
        cipher.Encrypt(entry.AsSpan(0, NonceSize), plain, entry.AsSpan(NonceSize + TagSize), entry.AsSpan(NonceSize, TagSize), Encoding.ASCII.GetBytes(token));
        return entry;
    }

    string Open(string token, byte[] entry)
    {
        if (entry.Length < NonceSize + TagSize) throw new CryptographicException("A vault entry is too short.");
        var plain = new byte[entry.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(keys.Sealing, TagSize);
        cipher.Decrypt(entry.AsSpan(0, NonceSize), entry.AsSpan(NonceSize + TagSize), entry.AsSpan(NonceSize, TagSize), plain, Encoding.ASCII.GetBytes(token));
        return Encoding.UTF8.GetString(plain);
    }
}

/// <summary>A value found in a text: as it stood there, and in the form that makes its spellings equal.</summary>
readonly record struct PersonalValue(string Kind, string Original, string Normalised);
