using AiOs.DataPlane;
using AiOs.Security;
using Microsoft.Extensions.Configuration;

namespace AiOs.Tests.Security;

public sealed class SecretsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public async Task A_secret_belongs_to_one_app_and_the_environment_comes_before_the_file()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("AIOS_SECRET_CLAIMS_INTAKE_PAYMENTS_KEY", (string?)"from the environment")]).Build();
        OwnerOnly.WriteNew(folder.File("secrets.json"), """{"claims-intake": {"payments-key": "from the file", "other": "x"}, "it-incident": {"pager": "y"}}""");
        var secrets = new LayeredSecrets(new EnvironmentSecrets(configuration), new FileSecrets(configuration, new DataDirectory(folder.Path)));
        Assert.Equal("from the environment", await secrets.GetAsync("claims-intake", "payments-key", CancellationToken.None));
        Assert.Equal("x", await secrets.GetAsync("claims-intake", "other", CancellationToken.None));
        Assert.Null(await secrets.GetAsync("claims-intake", "pager", CancellationToken.None));
        Assert.Null(await secrets.GetAsync("it-incident", "payments-key", CancellationToken.None));
    }

    [Fact]
    public async Task A_file_that_others_can_read_or_that_is_no_JSON_is_refused_without_being_quoted()
    {
        var path = folder.File("secrets.json");
        OwnerOnly.WriteNew(path, """{"app": secret-word}""");
        var secrets = new FileSecrets(new ConfigurationBuilder().Build(), new DataDirectory(folder.Path));
        Assert.DoesNotContain("secret-word", (await Assert.ThrowsAsync<InvalidDataException>(async () => await secrets.GetAsync("app", "x", CancellationToken.None))).ToString(), StringComparison.Ordinal);
        if (OperatingSystem.IsWindows()) return;   // no file modes there
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await secrets.GetAsync("app", "x", CancellationToken.None));
    }

    [Fact]
    public void Nobody_but_the_owner_manages_keys_and_a_client_only_sends_and_reads()
    {
        foreach (var role in Enum.GetValues<Role>()) Assert.Equal(role == Role.Owner, Permissions.Of(role).Contains(Permission.ManageKeys));
        Assert.DoesNotContain(Permission.AnswerApprovals, Permissions.Of(Role.Client));
        Assert.DoesNotContain(Enum.GetValues<Permission>(), permission => Principal.Anonymous.May(permission));
        Assert.All(Enum.GetValues<Role>(), role => Assert.Equal(role, Roles.Find(role.Name())));
    }

    public void Dispose() => folder.Dispose();
}
