using AiOs.Agents;
using AiOs.ControlPlane;
using AiOs.ControlPlane.Apps;
using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Models;
using AiOs.Policies;
using AiOs.Security;
using AiOs.Serving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Shared.Tests.Apps;

/// <summary>A version is received, checked, built and put in force; what is refused changes nothing.</summary>
public sealed class DeploymentsTests : IAsyncLifetime
{
    static readonly Dictionary<string, string?> Granted = new(StringComparer.Ordinal)
    {
        ["AIOS_ALLOWED_HOSTS"] = "localhost:7099", ["SANDBOX_URL"] = "http://localhost:7099/", ["AIOS_SECRET_SMALL_CLAIMS_PAYMENTS_KEY"] = "s3cret",
    };

    readonly TemporaryFolder folder = new();
    readonly ManualTimeProvider clock = new();
    readonly Dictionary<string, string?> settings = new(Granted, StringComparer.Ordinal);
    ServiceProvider services = null!;
    int deployed;

    Deployments Deployments => services.GetRequiredService<Deployments>();

    InstalledApps Installed => services.GetRequiredService<InstalledApps>();

    public async ValueTask InitializeAsync() => await OpenAsync();

    async Task OpenAsync()
    {
        settings["AIOS_DATA_DIR"] = folder.Path;
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        services = new ServiceCollection().AddSingleton(configuration).AddSingleton<TimeProvider>(clock).AddLogging()
            .AddDataPlane(configuration).AddModels().AddSecurity(configuration).AddGovernance().AddPolicies().AddServing(configuration).AddAgents(configuration).AddControlPlane(configuration)
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
        await services.GetRequiredService<Database>().MigrateAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        folder.Dispose();
    }

    async Task<string> ReceiveAsync(AppPackage package) => await Deployments.ReceiveAsync("small-claims", new MemoryStream(package.ToZip()), CancellationToken.None);

    async Task<string> DeployAsync(AppPackage package, IProgress<double>? progress = null)
    {
        var reference = await ReceiveAsync(package);
        Assert.Empty(await Deployments.ValidateAsync("small-claims", reference, CancellationToken.None));
        var work = await Deployments.WorkAsync(reference, CancellationToken.None);
        var artifacts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var step in work.Intents)
            artifacts[step] = await Deployments.TrainAsync(reference, step, progress, CancellationToken.None);
        foreach (var step in work.Knowledge)
            artifacts[step] = await Deployments.IndexAsync(reference, step, progress, CancellationToken.None);
        var plan = await Deployments.PlanAsync(reference, artifacts, CancellationToken.None);
        await Deployments.ActivateAsync("small-claims", plan, new($"small-claims-{++deployed}", deployed, "key:own"), CancellationToken.None);
        return plan;
    }

    [Fact]
    public async Task A_version_is_built_and_put_in_force_and_older_versions_and_their_plans_are_kept()
    {
        var seen = new List<double>();
        var first = await DeployAsync(SmallApp.Package(), new Seen(seen));
        Assert.Equal(1, seen[^1]);
        Assert.Equal(first, await DeployAsync(SmallApp.Package()));
        clock.Advance(TimeSpan.FromHours(1));
        var second = await DeployAsync(SmallApp.Package(("app.yaml", "version: 1.0.0", "version: 1.1.0"), ("app.yaml", "within: 4h", "within: 8h")));

        var app = await Installed.GetAsync("small-claims", CancellationToken.None);
        Assert.Equal(("1.1.0", second, "key:own"), (app!.Version, app.PlanDigest, app.DeployedBy));
        Assert.Equal(["1.1.0", "1.0.0"], app.Versions!.Select(version => version.Version));
        Assert.Equal(TimeSpan.FromHours(4), (await Installed.PlanAsync(first, CancellationToken.None)).Step("adjuster").Approve!.Within);
        Assert.Equal("1.1.0", Assert.Single(await Installed.ListAsync(CancellationToken.None)).Version);

        await DeployAsync(SmallApp.Package());
        Assert.Equal("1.0.0", (await Installed.FindAsync("small-claims", CancellationToken.None))!.Version);
    }

    [Fact]
    public async Task The_same_version_with_other_files_is_refused_and_the_version_in_force_stays()
    {
        var first = await DeployAsync(SmallApp.Package());
        var changed = await ReceiveAsync(SmallApp.Package(("policy.yaml", "50000", "90000")));

        var problem = Assert.Single(await Deployments.ValidateAsync("small-claims", changed, CancellationToken.None));
        Assert.Contains("was deployed before with other files", problem.Message, StringComparison.Ordinal);
        Assert.Equal("version: 1.0.1", problem.Suggestion);

        var artifacts = (await Installed.PlanAsync(first, CancellationToken.None)).Steps.Where(step => step.Detect is not null || step.Retrieve is not null)
            .ToDictionary(step => step.Id, step => step.Detect?.HeadRef ?? step.Retrieve!.IndexRef, StringComparer.Ordinal);
        var plan = await Deployments.PlanAsync(changed, artifacts, CancellationToken.None);
        await Assert.ThrowsAsync<InvalidPackageException>(() => Deployments.ActivateAsync("small-claims", plan, new($"small-claims-{++deployed}", deployed, "key:own"), CancellationToken.None));
        Assert.Equal(first, (await Installed.FindAsync("small-claims", CancellationToken.None))!.PlanDigest);
    }

    [Fact]
    public async Task What_the_operator_has_not_provided_is_named_where_the_app_asks_for_it()
    {
        var reference = await ReceiveAsync(SmallApp.Package(("connectors.yaml", "'${SANDBOX_URL}/payouts',", "'https://payments.contoso.com/payouts',"), ("connectors.yaml", "'${SANDBOX_URL}/payouts/${arguments.claim}/cancel'", "'${PAYMENTS_URL}/cancel'")));
        settings.Remove("AIOS_SECRET_SMALL_CLAIMS_PAYMENTS_KEY");
        await services.DisposeAsync();
        await OpenAsync();

        var problems = await Deployments.ValidateAsync("claims", reference, CancellationToken.None);

        Assert.Equal(["connectors.yaml:2", "connectors.yaml:2", "connectors.yaml:8", "app.yaml:1"], problems.Select(problem => $"{problem.File}:{problem.Line}"));
        Assert.Contains("`payments.contoso.com` is not on the operator's list", problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("AIOS_SECRET_SMALL_CLAIMS_PAYMENTS_KEY", problems[1].Suggestion, StringComparison.Ordinal);
        Assert.Contains("AIOS_VAR_PAYMENTS_URL", problems[2].Suggestion, StringComparison.Ordinal);
        Assert.Contains("is of the app `small-claims`", problems[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_package_is_never_built()
    {
        var reference = await ReceiveAsync(SmallApp.Package(("app.yaml", "call: payments.payout", "call: payments.pay")));

        Assert.NotEmpty(await Deployments.ValidateAsync("small-claims", reference, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidPackageException>(() => Deployments.WorkAsync(reference, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidPackageException>(() => Deployments.ReceiveAsync("small-claims", new MemoryStream([1, 2, 3]), CancellationToken.None));
        Assert.Empty(await Installed.ListAsync(CancellationToken.None));
    }

    sealed class Seen(List<double> seen) : IProgress<double>
    {
        public void Report(double value) => seen.Add(value);
    }
}
