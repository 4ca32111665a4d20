using AiOs.DataPlane;
using AiOs.Local.Durable;
using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Durable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting;

/// <summary>
/// Runs functions in this process as the Azure Functions host runs them in the cloud: HTTP on Kestrel, queue and timer triggers, and durable
/// orchestrations, each execution through the worker's middleware and with a service scope of its own.
/// </summary>
public sealed class EmbeddedHost : IAsyncDisposable
{
    readonly WebApplication app;
    readonly WorkingDirectory directory;
    bool stopped;

    EmbeddedHost(WebApplication app, WorkingDirectory directory)
    {
        this.app = app;
        this.directory = directory;
        BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where HTTP functions are.</summary>
    public Uri BaseAddress { get; }

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>The client of the durable engine, as functions get it.</summary>
    public DurableTaskClient DurableClient => app.Services.GetRequiredService<DurableClientSource>().Client;

    /// <summary>What the durable engine has written since the host started.</summary>
    public EngineCounts DurableCounts => app.Services.GetServices<IHostedService>().OfType<DurableHost>().Single().Counts;

    /// <summary>Where everything is kept.</summary>
    public string DataDirectory => directory.Path;

    /// <summary>Completes when the host stops, for whatever reason.</summary>
    public Task Stopped => app.WaitForShutdownAsync(CancellationToken.None);

    /// <summary>Builds the host, brings the databases up to date, and serves.</summary>
    /// <exception cref="InvalidOperationException">Functions cannot be hosted; the message lists them.</exception>
    public static async Task<EmbeddedHost> StartAsync(EmbeddedHostOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var place = WorkingDirectory.Open(options.DataDirectory);
        WebApplication? web = null;
        try
        {
            web = HostAssembly.Build(options, place);
            if (web.Services.GetService<Database>() is { } database)
                await database.MigrateAsync(cancellationToken);
            await web.Services.GetRequiredService<HostStore>().OpenAsync(cancellationToken);
            await web.StartAsync(cancellationToken);
            var host = new EmbeddedHost(web, place);
            web.Services.GetRequiredService<ILogger<EmbeddedHost>>().HostStarted(web.Services.GetRequiredService<IReadOnlyList<HostedFunction>>().Count, host.BaseAddress);
            return host;
        }
        catch
        {
            if (web is not null)
                await web.DisposeAsync();
            place.Dispose();
            throw;
        }
    }

    /// <summary>Why messages are in a poison queue, oldest first.</summary>
    public Task<IReadOnlyList<PoisonedMessage>> PoisonAsync(string queue, CancellationToken cancellationToken = default) =>
        app.Services.GetRequiredService<HostStore>().PoisonAsync(queue, cancellationToken);

    /// <summary>Stops: takes no new work, lets work in flight end for the drain time, and gives back the rest.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!Interlocked.Exchange(ref stopped, value: true))
            await app.StopAsync(cancellationToken);
    }

    /// <summary>Stops without waiting for work in flight, unless the host was stopped before, and frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync(new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
            // In a hurry, as asked.
        }
        await app.DisposeAsync();
        directory.Dispose();
    }
}
