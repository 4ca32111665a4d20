using AiOs.DataPlane;
using AiOs.DataPlane.Postgres;
using Npgsql;

namespace AiOs.Tests.DataPlane;

public sealed class PostgresDatabaseTests(PostgresServer server) : DatabaseContract
{
    protected override Task<TestDatabase> OpenAsync(params MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);

    protected override Database Again(TestDatabase test, params MigrationSet[] migrations) => new(Dialect.Postgres, test.ConnectionString, migrations);

    [Fact]
    public async Task A_wrong_password_and_a_silent_server_are_reported_without_any_password()
    {
        await using var test = await OpenAsync();
        var wrong = new NpgsqlConnectionStringBuilder(test.ConnectionString) { Password = "wrong-secret" };
        await using var refused = new Database(Dialect.Postgres, wrong.ToString(), []);
        var refusal = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => refused.MigrateAsync(CancellationToken.None));
        Assert.DoesNotContain("wrong-secret", refusal.ToString(), StringComparison.Ordinal);

        var time = new ManualTimeProvider();
        wrong.Port = 1;
        await using var nobody = new Database(Dialect.Postgres, wrong.ToString(), [], time);
        var starting = nobody.MigrateAsync(CancellationToken.None);
        while (!starting.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }
        var silence = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => starting);
        Assert.Contains("127.0.0.1:1/", silence.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", silence.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://ann:p%40ss%3Aw%2Frd@db.example.com/shop", "db.example.com", 5432, "ann", "p@ss:w/rd", "shop")]
    [InlineData("postgresql://ann@[::1]:6000/shop?sslmode=verify-full&application_name=x", "::1", 6000, "ann", null, "shop")]
    [InlineData("postgres://ann:x@/shop?host=/var/run/postgresql", "/var/run/postgresql", 5432, "ann", "x", "shop")]
    public void A_URL_is_read_as_everybody_writes_it(string url, string host, int port, string user, string? password, string name)
    {
        var read = new NpgsqlConnectionStringBuilder(PostgresUrl.ToConnectionString(url));
        Assert.Equal((host, port, user, password, name), (read.Host, read.Port, read.Username, read.Password, read.Database));
    }

    [Theory]
    [InlineData("postgres://ann:secret-word@db/")]
    [InlineData("postgres://ann:secret-word@db:port/shop")]
    [InlineData("postgres://ann:secret-word@db/shop?colour=secret-word")]
    [InlineData("mysql://ann:secret-word@db/shop")]
    public void A_wrong_URL_is_refused_without_being_repeated(string url) =>
        Assert.DoesNotContain("secret-word", Assert.Throws<FormatException>(() => PostgresUrl.ToConnectionString(url)).Message, StringComparison.Ordinal);
}
