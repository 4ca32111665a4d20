using System.Text.Json;
using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.ControlPlane.Schedules;
using AiOs.ControlPlane.Switches;
using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.ControlPlane;

/// <summary>The control plane over one test database, wired as the product wires it; only the installed apps are made up.</summary>
public sealed class Door : IAsyncDisposable
{
    readonly ServiceProvider services;
    readonly TestDatabase database;

    Door(TestDatabase database, TimeProvider clock, params (string Key, string Value)[] settings)
    {
        this.database = database;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))
            .Append(KeyValuePair.Create(DataPlaneSetup.DataDirectoryKey, (string?)database.Data.Path))).Build();
        services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddSingleton(clock).AddDataPlane(configuration).AddSecurity(configuration).AddGovernance().AddRuns(configuration)
            .AddSingleton<IPlans>(Plans).AddSingleton(database.Database).BuildServiceProvider();
    }

    public static MigrationSet[] Migrations { get; } = [.. new ServiceCollection().AddSecurity(new ConfigurationBuilder().Build()).AddGovernance().AddRuns(new ConfigurationBuilder().Build())
        .Where(service => service.ServiceType == typeof(MigrationSet)).Select(service => (MigrationSet)service.ImplementationInstance!)];

    public static async Task<Door> OpenAsync(Func<MigrationSet[], Task<TestDatabase>> open, TimeProvider clock, params (string, string)[] settings) => new(await open(Migrations), clock, settings);

    public FixedPlans Plans { get; } = new();

    public AiOs.ControlPlane.Admission.Admission Admission => services.GetRequiredService<AiOs.ControlPlane.Admission.Admission>();

    public AiOs.ControlPlane.Runs.Runs Runs => services.GetRequiredService<AiOs.ControlPlane.Runs.Runs>();

    public AiOs.ControlPlane.Conversations.Conversations Conversations => services.GetRequiredService<AiOs.ControlPlane.Conversations.Conversations>();

    public HandOffs HandOffs => services.GetRequiredService<HandOffs>();

    public KillSwitch Switches => services.GetRequiredService<KillSwitch>();

    public ScheduleSweep Schedules => services.GetRequiredService<ScheduleSweep>();

    public IBlobStore Blobs => services.GetRequiredService<IBlobStore>();

    public Database Database => database.Database;

    public static Principal Client { get; } = new("key:c1", "a client", new HashSet<Role> { Role.Client });

    public Task<Admitted> SubmitAsync(string text, string? key = null, string? conversation = null, object? attributes = null, string channel = Channels.Http, string app = "claims", Principal? by = null) =>
        Admission.AdmitAsync(new(app, text, attributes is null ? null : JsonSerializer.SerializeToElement(attributes), conversation, channel, key, by ?? Client, null), CancellationToken.None);

    public Task<Finished> FinishAsync(RunRow run, RunStatus status = RunStatus.Completed, ConversationCommit? commit = null) =>
        Runs.FinishAsync(run.ToOutcome() with { Status = status }, commit, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }
}

/// <summary>Apps that are installed because a test says so.</summary>
public sealed class FixedPlans : IPlans
{
    readonly Dictionary<string, Plan> plans = new(StringComparer.Ordinal);

    public PlanInForce InForce { get; private set; } = null!;

    public FixedPlans() => Install("1.0.0");

    public void Install(string version, params ScheduleTrigger[] schedules)
    {
        InForce = new("claims", version, "sha256:plan-of-" + version);
        plans[InForce.PlanDigest] = new Plan
        {
            App = "claims", Version = version, Content = "sha256:content", Summary = "Claims.", Owner = "claims", Mask = ["email", "phone", "iban", "card"], Steps = [], Triggers = new(null, [], schedules),
            Connectors = new Dictionary<string, AiOs.Agents.Actions.Connector>(StringComparer.Ordinal),
        };
    }

    public Task<IReadOnlyList<PlanInForce>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<PlanInForce>>([InForce]);

    public Task<PlanInForce?> FindAsync(string app, CancellationToken cancellationToken) => Task.FromResult(app == "claims" ? InForce : null);

    /// <summary>Versions that cannot be run any more.</summary>
    public HashSet<string> Refused { get; } = new(StringComparer.Ordinal);

    public Task<string?> RefusalAsync(string planDigest, CancellationToken cancellationToken) => Task.FromResult(Refused.Contains(planDigest) ? "damaged" : null);

    /// <summary>Plans whose files are damaged.</summary>
    public HashSet<string> Damaged { get; } = new(StringComparer.Ordinal);

    public Task<PlanReading> ReadPlanAsync(string planDigest, CancellationToken cancellationToken) => Task.FromResult<PlanReading>(
        Damaged.Contains(planDigest) ? new(null, "The plan is damaged.") : plans.TryGetValue(planDigest, out var plan) ? new(plan, null) : new(null, "The plan is not stored."));
}
