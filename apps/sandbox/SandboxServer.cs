using System.Text.Json;
using AiOs.Sandbox.Control;
using AiOs.Sandbox.World;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiOs.Sandbox;

/// <summary>
/// The outside world that the sample apps act on, on one loopback port: an insurer's payments, a bank's cards and accounts, a platform team's services.
/// It records every request and every effect, and misbehaves on demand. README.md lists the endpoints.
/// </summary>
public sealed class SandboxServer : IAsyncDisposable
{
    readonly WebApplication app;
    readonly Desk desk;

    SandboxServer(WebApplication app, Desk desk) => (this.app, this.desk) = (app, desk);

    /// <summary>Where it listens, for example <c>http://127.0.0.1:7099</c>; no trailing slash.</summary>
    public string Url => app.Urls.First();

    /// <summary>Listens on loopback.</summary>
    /// <param name="port">0 takes a free port.</param>
    /// <param name="journal">A file that gets one JSON line per request, appended before the answer is sent; null for none.</param>
    /// <param name="cancellationToken">Ends the wait for the start.</param>
    public static async Task<SandboxServer> StartAsync(int port = 0, string? journal = null, CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var world = builder.Build();

        var frontDesk = new Desk(new Recorder(journal, TimeProvider.System), new Behaviours(), TimeProvider.System, world.Lifetime.ApplicationStopping);
        new Payments().Map(world, frontDesk);
        new Bank().Map(world, frontDesk);
        new Platform().Map(world, frontDesk);
        world.MapControl(frontDesk);
        await world.StartAsync(cancellationToken);
        return new(world, frontDesk);
    }

    /// <summary>Every request so far, control calls left out; <paramref name="path"/> keeps those under a path (<c>/payouts</c> also means <c>/payouts/7/cancel</c>).</summary>
    public IReadOnlyList<RecordedRequest> Requests(string? path = null) => desk.Recorder.Requests(path);

    /// <summary>What really changed in this world, in order; a replayed idempotency key changes nothing.</summary>
    /// <param name="path">The exact endpoint, for example <c>/payouts</c> or <c>/payouts/{id}/cancel</c>; null for all.</param>
    public IReadOnlyList<Effect> Effects(string? path = null) => desk.Recorder.Effects(path);

    /// <summary>From now on requests under <paramref name="path"/> get <paramref name="mode"/>, for the next <paramref name="times"/> requests or for good.</summary>
    public void Behave(string path, BehaviourMode mode, int? times = null, TimeSpan? delay = null) =>
        desk.Behaviours.Add(new(path, mode, times, delay is { } d ? (int)d.TotalMilliseconds : null));

    /// <summary>Waits for SIGTERM, Ctrl-C or <paramref name="cancellationToken"/>.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => app.WaitForShutdownAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        desk.Recorder.Dispose();
    }

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}
