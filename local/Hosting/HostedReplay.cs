using AiOs.Local.Durable.Histories;
using AiOs.Local.Hosting.Durable;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Hosting;

/// <summary>A host that never starts: it finds functions as <see cref="EmbeddedHost"/> does and replays histories against their orchestrators.
/// Nothing listens, no database is opened, no activity runs.</summary>
public sealed class HostedReplay : IAsyncDisposable
{
    readonly WebApplication app;
    readonly WorkingDirectory directory;

    HostedReplay(WebApplication app, WorkingDirectory directory)
    {
        (this.app, this.directory) = (app, directory);
        Replayer = app.Services.GetRequiredService<DurableHost>().Replayer();
    }

    /// <summary>Replays against the orchestrators found.</summary>
    public HistoryReplayer Replayer { get; }

    /// <summary>Finds the functions. The data directory of the options is not used.</summary>
    /// <exception cref="InvalidOperationException">Functions cannot be hosted; the message lists them.</exception>
    public static HostedReplay Create(EmbeddedHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var place = WorkingDirectory.Open(path: null);
        try
        {
            return new(HostAssembly.Build(options, place), place);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        directory.Dispose();
    }
}
