using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.ControlPlane.Apps;
using AiOs.DataPlane;
using AiOs.Functions;
using AiOs.Local.CommandLine;
using AiOs.Local.Hosting;
using AiOs.Orchestrations;
using AiOs.Sandbox;
using AiOs.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests;

/// <summary>The whole OS in this process with a sandbox of its own, in a fresh data directory (or one that a test brings), on virtual or real time.</summary>
public sealed class LocalOs : IAsyncDisposable
{
    /// <summary>In seconds, as long as the front door lets one wait.</summary>
    const int LongestWait = 60;

    readonly EmbeddedHost host;
    readonly bool ownsSandbox;

    LocalOs(EmbeddedHost host, SandboxServer sandbox, bool ownsSandbox, string ownerKey)
    {
        (this.host, Sandbox, this.ownsSandbox) = (host, sandbox, ownsSandbox);
        Http = Client(ownerKey);
    }

    public SandboxServer Sandbox { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => host.Services;

    public EmbeddedHost Host => host;

    public static async Task<LocalOs> StartAsync(string? data = null, TimeProvider? clock = null, SandboxServer? sandbox = null, IReadOnlyDictionary<string, string?>? settings = null, Action<ILoggingBuilder>? logging = null)
    {
        var world = sandbox ?? await SandboxServer.StartAsync();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["SANDBOX_URL"] = world.Url,
            ["AIOS_ALLOWED_HOSTS"] = new Uri(world.Url).Authority,
            [EnvironmentSecrets.Variable("claims-intake", "payments-key")] = "a-secret-of-payments",
            [EnvironmentSecrets.Variable("customer-support", "bank-key")] = "a-secret-of-the-bank",
            [EnvironmentSecrets.Variable("it-incident", "platform-key")] = "a-secret-of-the-platform",
        }).AddInMemoryCollection(settings ?? new Dictionary<string, string?>(StringComparer.Ordinal)).Build();
        var host = await EmbeddedHost.StartAsync(new EmbeddedHostOptions
        {
            Assemblies = [typeof(FunctionsApp).Assembly, typeof(RunAppOrchestrator).Assembly],
            Configure = (builder, given) =>
            {
                builder.UseAiOs();
                builder.Services.AddAiOs(given);
            },
            Configuration = configuration,
            DataDirectory = data,
            Logging = logging,
            TimeProvider = clock ?? TimeProvider.System,
            HostJsonPath = Path.Combine(AppContext.BaseDirectory, "host.json"),
            ManagementGate = BreakGlass.PassAsync,
            Home = UnknownPath.Entry,
        });
        var key = await host.Services.GetRequiredService<ClientKeys>().EnsureOwnerAsync(CancellationToken.None) ?? File.ReadAllText(Path.Combine(host.DataDirectory, "owner.key"));
        return new(host, world, sandbox is null, key.Trim());
    }

    /// <summary>A client with another key; null for none.</summary>
    public HttpClient Client(string? key)
    {
        var client = new HttpClient { BaseAddress = host.BaseAddress, Timeout = TimeSpan.FromMinutes(5) };
        if (key is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>A client with a fresh key of one role.</summary>
    public async Task<HttpClient> ClientOfAsync(Role role) =>
        Client((await host.Services.GetRequiredService<ClientKeys>().CreateAsync("test", [role], Principal.System, CancellationToken.None)).Key);

    /// <summary>Sends a message and returns the reply as it is.</summary>
    public async Task<HttpResponseMessage> PostAsync(string app, object body, string? idempotencyKey = null, int wait = LongestWait, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/apps/{app}/messages") { Content = JsonContent.Create(body) };
        request.Headers.Add("Prefer", FormattableString.Invariant($"wait={wait}"));
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await (client ?? Http).SendAsync(request);
    }

    /// <summary>Sends a message and returns its outcome, however long it takes; with <paramref name="wait"/> 0 the run is under way.</summary>
    public async Task<JsonElement> SendAsync(string app, string text, object? attributes = null, string? conversationId = null, int wait = LongestWait)
    {
        using var response = await PostAsync(app, new { text, attributes, conversationId }, wait: wait);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var outcome = await response.Content.ReadFromJsonAsync<JsonElement>();
        return wait > 0 && outcome.Status() == "running" ? await RunAsync(outcome.RunId(), run => run.Status() != "running") : outcome;
    }

    /// <summary>Reads a run until <paramref name="done"/> holds, as soon as it does.</summary>
    public async Task<JsonElement> RunAsync(string runId, Func<JsonElement, bool>? done = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (true)
        {
            var run = await Http.GetFromJsonAsync<JsonElement>($"api/runs/{runId}", patience.Token);
            var outcome = run.GetProperty("run");
            if (done?.Invoke(outcome) ?? outcome.Status() is not ("running" or "waiting")) return outcome;
            await host.Services.GetRequiredService<AiOs.ControlPlane.Runs.Runs>().WaitAsync(runId, TimeSpan.FromMilliseconds(50), patience.Token);
            await Task.Yield();
        }
    }

    /// <summary>Reads a run once it waits for an answer and its orchestration sleeps until the deadline: from here on time may leap, for nothing is under way whose own time would pass.</summary>
    public async Task<JsonElement> AsleepAsync(string runId)
    {
        await ArrivalsTests.UntilAsync(async () =>
        {
            using var response = await Http.GetAsync($"runtime/webhooks/durabletask/instances/{runId}?showHistory=true");
            if (!response.IsSuccessStatusCode)
                return false;
            var history = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("historyEvents");
            return history.EnumerateArray().TakeLast(2).Select(happened => happened.GetProperty("EventType").GetString()).SequenceEqual(["TaskCompleted", "TimerCreated"])
                && history[history.GetArrayLength() - 2].GetProperty("FunctionName").GetString() == nameof(ApprovalActivities.OpenApproval);
        });
        return await RunAsync(runId, run => run.Status() == "waiting");
    }

    /// <summary>Deploys a sample app through the front door.</summary>
    public async Task<JsonElement> DeployAsync(string app) => await DeployAsync(app, AppPackage.FromFolder(Path.Combine(Repository.Root, "apps", app)).ToZip());

    /// <summary>Deploys a package through the front door and waits for its end.</summary>
    public async Task<JsonElement> DeployAsync(string app, byte[] zip)
    {
        using var response = await PutAsync(app, zip);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var runId = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("runId").GetString()!;
        return await RunAsync(runId);
    }

    public async Task<HttpResponseMessage> PutAsync(string app, byte[] zip)
    {
        using var content = new ByteArrayContent(zip);
        content.Headers.ContentType = new("application/zip");
        return await Http.PutAsync($"api/apps/{app}", content);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await host.DisposeAsync();
        if (ownsSandbox) await Sandbox.DisposeAsync();
    }
}

/// <summary>Short names for what tests read from outcomes.</summary>
static class OutcomeReading
{
    public static string Status(this JsonElement outcome) => outcome.GetProperty("status").GetString()!;

    public static string RunId(this JsonElement outcome) => outcome.GetProperty("runId").GetString()!;

    public static string Approval(this JsonElement outcome) => outcome.GetProperty("waitingFor").GetProperty("id").GetString()!;
}

/// <summary>Where the repository stands, found from the test's folder upwards.</summary>
static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AiOs.Serverless.sln")))
                return folder.FullName;
        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
