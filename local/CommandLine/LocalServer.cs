using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AiOs.DataPlane;
using AiOs.Functions;
using AiOs.Local.Durable.Storage;
using AiOs.Local.Hosting;
using AiOs.Orchestrations;
using AiOs.Sandbox;
using AiOs.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.CommandLine;

/// <summary>Where a local server keeps its things and listens.</summary>
/// <param name="Data">The data directory.</param>
/// <param name="Port">On loopback; 0 for a free one.</param>
/// <param name="Verbose">Whether the server logs to standard error.</param>
sealed record LocalServerOptions(string Data, int Port, bool Verbose);

/// <summary>The whole OS in this process: the embedded host with every function, and the sandbox that the sample apps act on.</summary>
sealed class LocalServer : IAsyncDisposable
{
    readonly EmbeddedHost host;
    readonly SandboxServer? sandbox;

    LocalServer(EmbeddedHost host, SandboxServer? sandbox, Uri sandboxUrl, string? newOwnerKey)
    {
        (this.host, this.sandbox, SandboxUrl, NewOwnerKey) = (host, sandbox, sandboxUrl, newOwnerKey);
        OwnerKeyFile = Path.Combine(host.DataDirectory, "owner.key");
    }

    /// <summary>The file in a data directory that says where its server listens.</summary>
    public static string UrlFile(string data) => Path.Combine(data, "server.url");

    /// <summary>The API's address.</summary>
    public Uri Url => host.BaseAddress;

    /// <summary>Where the sample apps act.</summary>
    public Uri SandboxUrl { get; }

    /// <summary>The owner's key, where this start made it.</summary>
    public string? NewOwnerKey { get; }

    /// <summary>The file that keeps it.</summary>
    public string OwnerKeyFile { get; }

    /// <summary>The owner's key.</summary>
    public string OwnerKey => NewOwnerKey ?? File.ReadAllText(OwnerKeyFile).Trim();

    /// <summary>Starts the OS; a port that is taken and a directory that another server holds are refused in words.</summary>
    public static async Task<LocalServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        RefuseTakenPort(options.Port);
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var given = environment["SANDBOX_URL"];
        var world = given is null ? await SandboxServer.StartAsync(port: 0, cancellationToken: cancellationToken) : null;
        try
        {
            var sandboxUrl = new Uri(world?.Url ?? given!);
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["SANDBOX_URL"] = sandboxUrl.ToString().TrimEnd('/') }).AddConfiguration(environment).AddInMemoryCollection(Allow(sandboxUrl, environment)).Build();
            var embedded = await EmbeddedHost.StartAsync(new EmbeddedHostOptions
            {
                Assemblies = [typeof(FunctionsApp).Assembly, typeof(RunAppOrchestrator).Assembly],
                Configure = (builder, settings) =>
                {
                    builder.UseAiOs();
                    builder.Services.AddAiOs(settings);
                    if (sandboxUrl.IsLoopback) builder.Services.AddSingleton<ISecrets>(provider => new SandboxSecrets(settings, provider.GetRequiredService<DataDirectory>()));
                },
                Configuration = configuration,
                Logging = logging => Log(logging, options.Verbose),
                Port = options.Port,
                DataDirectory = options.Data,
                HostJsonPath = Path.Combine(AppContext.BaseDirectory, "host.json"),
                ManagementGate = BreakGlass.PassAsync,
                Home = UnknownPath.Entry,
            }, cancellationToken);
            var newKey = await embedded.Services.GetRequiredService<ClientKeys>().EnsureOwnerAsync(cancellationToken);
            await File.WriteAllTextAsync(UrlFile(options.Data), embedded.BaseAddress.ToString(), cancellationToken);
            return new(embedded, world, sandboxUrl, newKey);
        }
        catch (Exception e)
        {
            if (world is not null) await world.DisposeAsync();
            if (e is IOException or InvalidOperationException or FormatException or DurableStoreException) throw new CommandException($"The OS did not start: {e.Message}", ExitCode.Failed);
            throw;
        }
    }

    static void RefuseTakenPort(int port)
    {
        if (port is < 0 or > IPEndPoint.MaxPort) throw new CommandException("--port must be from 0 to 65535 (0 = a free one).", ExitCode.Usage);
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
        }
        catch (SocketException)
        {
            throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"Port {port} is taken; stop who listens there, or choose another with --port (0 = a free one)."), ExitCode.Failed);
        }
    }

    /// <summary>Completes when the process is asked to stop.</summary>
    public async Task WaitForShutdownAsync(CancellationToken cancellationToken)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(asked.SetResult);
        await Task.WhenAny(asked.Task, host.Stopped);
    }

    static Dictionary<string, string?> Allow(Uri sandboxUrl, IConfiguration environment) => new(StringComparer.Ordinal)
    {
        ["AIOS_ALLOWED_HOSTS"] = string.Join(',', new[] { environment["AIOS_ALLOWED_HOSTS"], sandboxUrl.Authority }.Where(host => !string.IsNullOrEmpty(host))),
    };

    static void Log(ILoggingBuilder logging, bool verbose)
    {
        logging.ClearProviders();
        if (!verbose) return;
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Warning);
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(UrlFile(host.DataDirectory));
        await host.StopAsync();
        await host.DisposeAsync();
        if (sandbox is not null) await sandbox.DisposeAsync();
    }
}
