using System.Security.Cryptography;
using System.Text;
using AiOs.DataPlane;
using Dapper;

namespace AiOs.Security;

/// <summary>A key as its owner gets it, this one time.</summary>
/// <param name="Id">The short id by which it is listed and revoked.</param>
/// <param name="Key">The secret itself; only its hash is kept.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Roles">What its bearer may be.</param>
public sealed record IssuedKey(string Id, string Key, string Name, IReadOnlyList<Role> Roles);

/// <summary>A key as it is listed.</summary>
public sealed record ClientKey(string Id, string Name, IReadOnlyList<Role> Roles, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>Keys of programs and people. A key is <c>aios_</c> and 256 random bits in base32; the table holds its SHA-256 (enough for a secret
/// that nobody can guess) and never the key. A revoked key may live on for <see cref="PrincipalCache.Lifetime"/> in another process.</summary>
public sealed class ClientKeys(Database database, DataDirectory data, ISecurityEvents events, TimeProvider time)
{
    const string Prefix = "aios_";
    const int KeyLength = 5 + 52;
    readonly PrincipalCache cache = new(time);

    /// <summary>Makes a key and announces it as <c>key.created</c>.</summary>
    /// <exception cref="ArgumentException">It has no name, a name over 100 characters, or no role.</exception>
    public async Task<IssuedKey> CreateAsync(string name, IReadOnlyList<Role> roles, CancellationToken cancellationToken) =>
        (await CreateAsync(name, roles, onlyTheFirst: false, cancellationToken))!;

    async Task<IssuedKey?> CreateAsync(string name, IReadOnlyList<Role> roles, bool onlyTheFirst, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > 100) throw new ArgumentException("A key's name has at most 100 characters.", nameof(name));
        if (roles.Count == 0) throw new ArgumentException("A key needs at least one role.", nameof(roles));
        var id = Base32.Encode(RandomNumberGenerator.GetBytes(5));
        var key = Prefix + Base32.Encode(RandomNumberGenerator.GetBytes(32));
        var row = new { id, hash = Hash(key), name, roles = string.Join(',', roles.Distinct().Select(role => role.Name())), now = Now() };
        var created = await database.WriteAsync(async (connection, transaction) =>
        {
            if (onlyTheFirst && await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM client_keys", transaction: transaction) > 0) return false;
            await connection.ExecuteAsync("INSERT INTO client_keys (id, hash, name, roles, created_at) VALUES (@id, @hash, @name, @roles, @now)", row, transaction);
            return true;
        }, cancellationToken);
        if (!created) return null;
        await AnnounceAsync("key.created", id, new() { ["name"] = name, ["roles"] = row.roles }, cancellationToken);
        return new IssuedKey(id, key, name, roles);
    }

    /// <summary>Whose key this is, or null for one that was never issued or is revoked.</summary>
    public async Task<Principal?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (key.Length != KeyLength || !key.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var hash = Hash(key);
        if (cache.TryGet(hash, out var known)) return known;
        var row = await database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<Row>(
            "SELECT id, hash, name, roles, created_at, revoked_at FROM client_keys WHERE hash = @hash", new { hash }), cancellationToken);
        var matches = row is { RevokedAt: null } && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(row.Hash), Encoding.ASCII.GetBytes(hash));
        var principal = matches ? new Principal("key:" + row!.Id, row.Name, row.ParseRoles().ToHashSet()) : null;
        cache.Put(hash, principal);
        return principal;
    }

    /// <summary>All keys, revoked ones included, oldest first.</summary>
    public Task<IReadOnlyList<ClientKey>> ListAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<ClientKey>>(async connection =>
        [.. (await connection.QueryAsync<Row>("SELECT id, hash, name, roles, created_at, revoked_at FROM client_keys ORDER BY created_at, id")).Select(row => row.ToKey())], cancellationToken);

    /// <summary>Revokes the key of that short id and announces it as <c>key.revoked</c>; false where there is none that still works.</summary>
    public async Task<bool> RevokeAsync(string id, CancellationToken cancellationToken)
    {
        var revoked = await database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "UPDATE client_keys SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL", new { id, now = Now() }, transaction), cancellationToken);
        cache.Clear();
        if (revoked == 0) return false;
        await AnnounceAsync("key.revoked", id, [], cancellationToken);
        return true;
    }

    /// <summary>On first start, when there is no key at all, makes the owner's, writes it (the key alone, mode 0600) to <c>owner.key</c> in the data
    /// directory and returns it, to be shown once; later null.</summary>
    public async Task<string?> EnsureOwnerAsync(CancellationToken cancellationToken)
    {
        var issued = await CreateAsync("owner", [Role.Owner], onlyTheFirst: true, cancellationToken);
        if (issued is null) return null;
        await OwnerOnly.WriteAsync(data.File("owner.key"), Encoding.ASCII.GetBytes(issued.Key), cancellationToken);
        return issued.Key;
    }

    ValueTask AnnounceAsync(string type, string id, Dictionary<string, string> detail, CancellationToken cancellationToken)
    {
        detail["key"] = id;
        return events.RaiseAsync(new SecurityEvent(type, time.GetUtcNow(), Principal.System.Id, "done", detail), cancellationToken);
    }

    static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    sealed class Row
    {
        public string Id { get; init; } = "";
        public string Hash { get; init; } = "";
        public string Name { get; init; } = "";
        public string Roles { get; init; } = "";
        public long CreatedAt { get; init; }
        public long? RevokedAt { get; init; }

        public IEnumerable<Role> ParseRoles() => Roles.Split(',').Select(Security.Roles.Find).OfType<Role>();

        public ClientKey ToKey() => new(Id, Name, [.. ParseRoles()], DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            RevokedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
    }
}
