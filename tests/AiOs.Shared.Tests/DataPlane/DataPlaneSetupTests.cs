using AiOs.DataPlane;
using AiOs.DataPlane.Queues;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.DataPlane;

public sealed class DataPlaneSetupTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    ServiceProvider Build(string? database) => new ServiceCollection().AddDataPlane(new ConfigurationBuilder().AddInMemoryCollection(
    [
        KeyValuePair.Create(DataPlaneSetup.DataDirectoryKey, (string?)folder.File("new/data")), KeyValuePair.Create(DataPlaneSetup.DatabaseKey, database),
    ]).Build()).BuildServiceProvider();

    [Fact]
    public async Task Without_a_database_it_is_SQLite_in_a_directory_that_only_its_owner_can_enter()
    {
        await using var services = Build(database: null);
        var database = services.GetRequiredService<Database>();
        await database.MigrateAsync(CancellationToken.None);
        await services.GetRequiredService<IQueue>().SendAsync("jobs", "hello", delay: null, CancellationToken.None);
        Assert.Same(services.GetRequiredService<DatabaseQueue>(), services.GetRequiredService<IQueue>());
        Assert.Equal(Dialect.Sqlite, database.Dialect);
        Assert.True(File.Exists(folder.File("new/data/aios.db")));
        Assert.False(OwnerOnly.IsOpenToOthers(folder.File("new/data")));
    }

    [Fact]
    public async Task A_URL_chooses_PostgreSQL_and_anything_else_is_refused_without_being_repeated()
    {
        await using var postgres = Build("postgres://ann:secret-word@db.example.com/shop");
        Assert.Equal(Dialect.Postgres, postgres.GetRequiredService<Database>().Dialect);
        await using var wrong = Build("Host=db;Password=secret-word");
        Assert.DoesNotContain("secret-word", Assert.Throws<FormatException>(() => wrong.GetRequiredService<Database>()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
