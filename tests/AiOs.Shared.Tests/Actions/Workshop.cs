using System.Text.Json;
using AiOs.Agents.Actions;
using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Sandbox;
using AiOs.Sandbox.Control;
using AiOs.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Effect = AiOs.Agents.Actions.Effect;

namespace AiOs.Tests.Actions;

/// <summary>Actions over one test database and a real outside world; <see cref="Restart"/> is what a crash leaves of it.</summary>
public sealed class Workshop : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    readonly ManualTimeProvider clock = new();
    readonly TestDatabase database;
    readonly IConfiguration configuration;
    ServiceProvider services;

    Workshop(TestDatabase database, SandboxServer world, (string Key, string Value)[] settings)
    {
        (this.database, World) = (database, world);
        configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [DataPlaneSetup.DataDirectoryKey] = database.Data.Path, ["SANDBOX_URL"] = world.Url, [AllowedHosts.Key] = new Uri(world.Url).Authority,
            ["AIOS_SECRET_CLAIMS_PAYMENTS_KEY"] = "pay-secret", ["AIOS_SECRET_OTHER_THEIR_KEY"] = "not yours",
        }).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        services = Build();
    }

    public static MigrationSet[] Migrations { get; } = [.. new ServiceCollection().AddSecurity(new ConfigurationBuilder().Build()).AddGovernance().AddActions()
        .Where(service => service.ServiceType == typeof(MigrationSet)).Select(service => (MigrationSet)service.ImplementationInstance!)];

    public static async Task<Workshop> OpenAsync(Func<MigrationSet[], Task<TestDatabase>> open, params (string, string)[] settings) =>
        new(await open(Migrations), await SandboxServer.StartAsync(), settings);

    public SandboxServer World { get; }

    public ManualTimeProvider Clock => clock;

    public ActionRunner Runner => services.GetRequiredService<ActionRunner>();

    public ActionLedger Ledger => services.GetRequiredService<ActionLedger>();

    public AuditLog Audit => services.GetRequiredService<AuditLog>();

    public Masking Masking => services.GetRequiredService<Masking>();

    ServiceProvider Build() => new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock).AddSingleton(configuration).AddDataPlane(configuration).AddSecurity(configuration).AddGovernance().AddActions()
        .AddSingleton(database.Database).BuildServiceProvider();

    /// <summary>A new process over the same tables.</summary>
    public void Restart() => services = Build();

    public static Connector Payout(Idempotency idempotency, int attempts = 3) => new()
    {
        Name = "payments.payout", Effect = Effect.Writes, Idempotency = idempotency, Timeout = Patience, Retry = new(attempts, TimeSpan.Zero),
        Request = new("POST", "${SANDBOX_URL}/payouts", new Dictionary<string, string>(StringComparer.Ordinal) { ["authorization"] = "Bearer secret:payments-key" },
            JsonElement.Parse("""{"claim": "arguments.claim", "minor": "arguments.amount.minor", "currency": "arguments.amount.currency", "iban": "reveal(arguments.iban)"}""")),
        Probe = idempotency != Idempotency.Probe ? null : new(new("GET", "${SANDBOX_URL}/payouts?claim=${arguments.claim}", new Dictionary<string, string>(StringComparer.Ordinal)),
            "size(response.body.payouts) > 0", "response.body.payouts[0]"),
    };

    public static Connector Simple(string method, string path, Effect effect = Effect.Writes, Idempotency idempotency = Idempotency.Natural, string? body = null) => new()
    {
        Name = "some.call", Effect = effect, Idempotency = idempotency, Timeout = Patience, Retry = new(2, TimeSpan.Zero),
        Request = new(method, "${SANDBOX_URL}" + path, new Dictionary<string, string>(StringComparer.Ordinal), body is null ? null : JsonElement.Parse(body)),
    };

    public async Task<ActionRequest> ClaimAsync(Connector connector, string claim = "C-1") => new("claims-run" + claim, "claims", "payout", 0, connector, JsonSerializer.SerializeToElement(new
    {
        claim, amount = new { amount = "240.00", minor = 24000, currency = "EUR" },
        iban = (await Masking.MaskAsync("claims", "DE89370400440532013000", MaskKinds.All, CancellationToken.None)).Text,
    }), "key:c1", "sha256:policy");

    /// <summary>An action of a run of its own.</summary>
    public static ActionRequest With(Connector connector, object arguments) =>
        new("claims-" + Guid.NewGuid().ToString("N"), "claims", "step", 0, connector, JsonSerializer.SerializeToElement(arguments), "key:c1", "");

    /// <summary>Runs the action; whenever the world hangs, the time that the connector grants goes by.</summary>
    public async Task<ActionResult> RunAsync(ActionRequest request, int hangs = 0)
    {
        var running = Runner.RunAsync(request, CancellationToken.None);
        for (var hung = 1; hung <= hangs; hung++)
        {
            while (World.Requests().Count(r => r.Mode is BehaviourMode.Hang or BehaviourMode.HangAfterEffect) < hung)
                await Task.Yield();
            clock.Advance(Patience);
        }

        return await running;
    }

    public int Posts => World.Requests("/payouts").Count(request => request.Method == "POST");

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await World.DisposeAsync();
        await database.DisposeAsync();
    }
}
