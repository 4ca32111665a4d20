using System.Net;
using System.Reflection;
using AiOs.Local.Hosting.Durable.Management;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting;

/// <summary>What an <see cref="EmbeddedHost"/> hosts, and where.</summary>
public sealed record EmbeddedHostOptions
{
    /// <summary>The assemblies whose functions are hosted.</summary>
    public required IReadOnlyList<Assembly> Assemblies { get; init; }

    /// <summary>Adds the app's services and middleware. The configuration is <see cref="Configuration"/> with <c>AIOS_DATA_DIR</c> set to the data directory.</summary>
    public Action<IFunctionsWorkerApplicationBuilder, IConfiguration>? Configure { get; init; }

    /// <summary>The app's settings.</summary>
    public IConfiguration? Configuration { get; init; }

    /// <summary>Where logs go; nowhere when null.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    /// <summary>The address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>Where everything is kept; null for a temporary directory and an engine in memory, which go with the host.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The clock of the host and, unless it registers its own, of the app.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The <c>host.json</c>; the defaults of the Functions host when null or absent.</summary>
    public string? HostJsonPath { get; init; }

    /// <summary>How long work in flight may go on when the host stops; then it is cancelled and given back.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a queue message stays hidden if the host dies while working on it; renewed while the work goes on.</summary>
    public TimeSpan QueueLease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Who may use Durable's management API under <c>/runtime/webhooks/durabletask</c>; nobody when null.</summary>
    public ManagementGate? ManagementGate { get; init; }

    /// <summary>Where <c>/</c> leads, where the Functions host shows a page of its own; a path that begins with <c>/</c>. Null: nowhere, 404.</summary>
    public string? Home { get; init; }

    internal void Validate()
    {
        Require(Assemblies is { Count: > 0 }, $"{nameof(Assemblies)} names the assemblies to host");
        Require(DrainTime >= TimeSpan.Zero, $"{nameof(DrainTime)} is not negative");
        Require(QueueLease >= TimeSpan.FromSeconds(1), $"{nameof(QueueLease)} is a second or more");
        Require(Home is null or ['/', not '/' and not '\\', ..], $"{nameof(Home)} is a path of this host, such as /api");
        Require(Port is >= 0 and <= IPEndPoint.MaxPort, $"{nameof(Port)} is a port, or 0");

        static void Require(bool holds, string rule)
        {
            if (!holds)
                throw new InvalidOperationException($"The host's options are wrong: {rule}.");
        }
    }
}
