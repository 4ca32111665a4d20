using System.Security.Cryptography;
using System.Text;
using AiOs.DataPlane;
using AiOs.Security.Detectors;
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
    const string Always = "1 = 1";
    const string OnlyTheFirst = "NOT EXISTS (SELECT 1 FROM client_keys)";
    readonly PrincipalCache cache = new(time);

    /// <summary>Makes a key and announces it as <c>key.created</c>.</summary>
    /// <param name="name">What it is for, 1 to 100 characters, nothing personal (<see cref="IsPersonal"/>).</param>
    /// <param name="roles">At least one.</param>
    /// <param name="by">Who makes it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">It has no name, a name over 100 characters or with personal data, or no role.</exception>
    public async Task<IssuedKey> CreateAsync(string name, IReadOnlyList<Role> roles, Principal by, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > 100) throw new ArgumentException("A key's name has at most 100 characters.", nameof(name));
        if (IsPersonal(name)) throw new ArgumentException("A key's name holds no personal data.", nameof(name));
        if (roles.Count == 0) throw new ArgumentException("A key needs at least one role.", nameof(roles));
        var issued = new IssuedKey(Base32.Encode(RandomNumberGenerator.GetBytes(5)), NewKey(), name, [.. roles.Distinct()]);
        await InsertAsync(issued, Always, by, cancellationToken);
        return issued;
    }

    async Task<bool> InsertAsync(IssuedKey issued, string condition, Principal by, CancellationToken cancellationToken)
    {
        var row = new { issued.Id, hash = Hash(issued.Key), issued.Name, roles = string.Join(',', issued.Roles.Select(role => role.Name())), now = Now() };
        var inserted = await database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            $"INSERT INTO client_keys (id, hash, name, roles, created_at) SELECT @Id, @hash, @Name, @roles, @now WHERE {condition}", row, transaction), cancellationToken);
        if (inserted == 0) return false;
        await AnnounceAsync("key.created", issued.Id, by, new() { ["roles"] = row.roles }, cancellationToken);
        return true;
    }

    /// <summary>Whose key this is, or null for one that was never issued or is revoked.</summary>
    public async Task<Principal?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!IsKey(key)) return null;
        var hash = Hash(key);
        if (cache.TryGet(hash, out var known, out var asOf)) return known;
        var row = await database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<Row>(
            "SELECT id, hash, name, roles, created_at, revoked_at FROM client_keys WHERE hash = @hash", new { hash }), cancellationToken);
        var matches = row is { RevokedAt: null } && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(row.Hash), Encoding.ASCII.GetBytes(hash));
        var principal = matches ? new Principal("key:" + row!.Id, row.Name, row.ParseRoles().ToHashSet()) : null;
        cache.Put(hash, principal, asOf);
        return principal;
    }

    /// <summary>All keys, revoked ones included, oldest first.</summary>
    public Task<IReadOnlyList<ClientKey>> ListAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<ClientKey>>(async connection =>
        [.. (await connection.QueryAsync<Row>("SELECT id, hash, name, roles, created_at, revoked_at FROM client_keys ORDER BY created_at, id")).Select(row => row.ToKey())], cancellationToken);

    /// <summary>Revokes the key of that short id and announces it as <c>key.revoked</c> by <paramref name="by"/>; false where there is none that still works.</summary>
    public async Task<bool> RevokeAsync(string id, Principal by, CancellationToken cancellationToken)
    {
        var revoked = await database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "UPDATE client_keys SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL", new { id, now = Now() }, transaction), cancellationToken);
        cache.Clear();
        if (revoked == 0) return false;
        await AnnounceAsync("key.revoked", id, by, [], cancellationToken);
        return true;
    }

    /// <summary>On first start, when there is no key at all, makes the owner's, writes it (the key alone, mode 0600) to <c>owner.key</c> in the data
    /// directory and returns it, to be shown once; later null. The file comes first: a start that was cut off is finished by the next one.</summary>
    /// <exception cref="InvalidDataException">There is an <c>owner.key</c> that holds no key.</exception>
    public async Task<string?> EnsureOwnerAsync(CancellationToken cancellationToken)
    {
        if (await database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM client_keys"), cancellationToken) > 0) return null;
        var path = data.File("owner.key");
        if (!File.Exists(path)) OwnerOnly.WriteNew(path, NewKey());
        var key = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        if (!IsKey(key)) throw new InvalidDataException($"{path} holds no key; remove it, and a new one is made.");
        var owner = new IssuedKey(Base32.Encode(RandomNumberGenerator.GetBytes(5)), key, "owner", [Role.Owner]);
        if (await InsertAsync(owner, OnlyTheFirst, Principal.System, cancellationToken)) return key;
        cache.Clear();
        if (await FindAsync(key, cancellationToken) is null) File.Delete(path);   // another process, with another directory, was faster
        return null;
    }

    ValueTask AnnounceAsync(string type, string id, Principal by, Dictionary<string, string> detail, CancellationToken cancellationToken)
    {
        detail["key"] = id;
        return events.RaiseAsync(new SecurityEvent(type, time.GetUtcNow(), by.Id, "done", detail), cancellationToken);
    }

    /// <summary>Whether a name holds an address, an account or the like: what is listed and logged for good must not.</summary>
    public static bool IsPersonal(string name) => PersonalData.Find(name, MaskKinds.All, hint: "").Count > 0;

    static string NewKey() => Prefix + Base32.Encode(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whether a text could be a key at all, issued or not.</summary>
    public static bool IsKey(string text) => text.Length == KeyLength && text.StartsWith(Prefix, StringComparison.Ordinal);

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
