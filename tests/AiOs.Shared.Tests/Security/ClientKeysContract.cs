using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Security;
using Dapper;

namespace AiOs.Tests.Security;

/// <summary>What client keys promise, on every dialect.</summary>
public abstract class ClientKeysContract
{
    static readonly Principal Owner = new("key:owner1", "the owner", new HashSet<Role> { Role.Owner });

    readonly ManualTimeProvider time = new();

    protected abstract Task<TestDatabase> OpenAsync(params MigrationSet[] migrations);

    Task<TestDatabase> OpenAsync() => OpenAsync(SecurityTables.Migrations, GovernanceTables.Migrations);

    ClientKeys Over(TestDatabase test) => new(test.Database, test.Data, new SecurityEvents(new AuditLog(test.Database)), time);

    [Fact]
    public async Task A_key_is_found_until_it_is_revoked_and_is_stored_nowhere()
    {
        await using var test = await OpenAsync();
        var keys = Over(test);
        var issued = await keys.CreateAsync("claims portal", [Role.Client, Role.Adjuster], Owner, CancellationToken.None);
        Assert.StartsWith("aios_", issued.Key, StringComparison.Ordinal);

        var principal = await keys.FindAsync(issued.Key, CancellationToken.None);
        Assert.Equal(("key:" + issued.Id, "claims portal"), (principal!.Id, principal.Name));
        Assert.True(principal.Roles.SetEquals([Role.Client, Role.Adjuster]));
        Assert.Null(await keys.FindAsync(issued.Key[..^1] + (issued.Key[^1] == 'a' ? 'b' : 'a'), CancellationToken.None));
        Assert.Null(await keys.FindAsync("", CancellationToken.None));
        var rows = await test.Database.ReadAsync(connection => connection.QueryAsync<string>("SELECT id || hash || name || roles FROM client_keys"), CancellationToken.None);
        Assert.All(rows, row => Assert.DoesNotContain(issued.Key[5..], row, StringComparison.Ordinal));

        Assert.True(await keys.RevokeAsync(issued.Id, Owner, CancellationToken.None));
        Assert.False(await keys.RevokeAsync(issued.Id, Owner, CancellationToken.None));
        Assert.Null(await keys.FindAsync(issued.Key, CancellationToken.None));
        Assert.NotNull(Assert.Single(await keys.ListAsync(CancellationToken.None)).RevokedAt);
        var recorded = await new AuditLog(test.Database).ReadAsync(0, 10, CancellationToken.None);
        Assert.Equal(["security.key.created", "security.key.revoked"], recorded.Select(r => r.Entry.Type));
        Assert.All(recorded, r => Assert.Equal(Owner.Id, r.Entry.Principal));
        Assert.All(recorded, r => Assert.DoesNotContain("claims portal", r.Entry.Detail!.Values));
        await Assert.ThrowsAsync<ArgumentException>(() => keys.CreateAsync("maria.huber@example.org", [Role.Client], Owner, CancellationToken.None));
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_it_is_looked_up_is_not_remembered()
    {
        await using var test = await OpenAsync();
        var clock = new InterruptedClock();
        var keys = new ClientKeys(test.Database, test.Data, new SecurityEvents(new AuditLog(test.Database)), clock);
        var issued = await keys.CreateAsync("portal", [Role.Client], Owner, CancellationToken.None);
        var revoked = false;
        clock.Once = () => revoked = Task.Run(() => keys.RevokeAsync(issued.Id, Owner, CancellationToken.None)).GetAwaiter().GetResult();
        Assert.NotNull(await keys.FindAsync(issued.Key, CancellationToken.None));   // read before it was revoked
        Assert.True(revoked);
        Assert.Null(await keys.FindAsync(issued.Key, CancellationToken.None));
    }

    /// <summary>A clock at which something happens when it is next read: here, between the row that was read and the cache that is to remember it.</summary>
    sealed class InterruptedClock : TimeProvider
    {
        Action? once;

        public Action? Once { set => once = value; }

        public override long GetTimestamp()
        {
            Interlocked.Exchange(ref once, null)?.Invoke();
            return base.GetTimestamp();
        }
    }

    [Fact]
    public async Task Another_process_learns_of_a_revocation_within_the_lifetime_of_its_cache()
    {
        await using var test = await OpenAsync();
        var (here, there) = (Over(test), Over(test));
        var issued = await here.CreateAsync("portal", [Role.Client], Owner, CancellationToken.None);
        Assert.NotNull(await there.FindAsync(issued.Key, CancellationToken.None));
        await here.RevokeAsync(issued.Id, Owner, CancellationToken.None);
        time.Advance(PrincipalCache.Lifetime);
        Assert.Null(await there.FindAsync(issued.Key, CancellationToken.None));
    }

    [Fact]
    public async Task The_owner_gets_a_key_once_even_when_two_processes_start_together()
    {
        await using var test = await OpenAsync();
        var made = await Task.WhenAll(Over(test).EnsureOwnerAsync(CancellationToken.None), Over(test).EnsureOwnerAsync(CancellationToken.None));
        var key = Assert.Single(made, k => k is not null)!;
        Assert.Equal(key, await File.ReadAllTextAsync(test.Data.File("owner.key")));
        Assert.False(OwnerOnly.IsOpenToOthers(test.Data.File("owner.key")));
        Assert.True((await Over(test).FindAsync(key, CancellationToken.None))!.May(Permission.ManageDurable));
        Assert.Null(await Over(test).EnsureOwnerAsync(CancellationToken.None));
    }
}

public sealed class SqliteClientKeysTests : ClientKeysContract
{
    protected override Task<TestDatabase> OpenAsync(params MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresClientKeysTests(PostgresServer server) : ClientKeysContract
{
    protected override Task<TestDatabase> OpenAsync(params MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);
}
