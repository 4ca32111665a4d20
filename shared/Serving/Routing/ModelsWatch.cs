using AiOs.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiOs.Serving.Routing;

/// <summary>Takes what changes in the file of models, without a restart; a file that makes no sense is logged, and what was in force stays.</summary>
sealed class ModelsWatch(IConfiguration configuration, ModelList models, TimeProvider clock, ILogger<ModelsWatch> log) : BackgroundService
{
    static readonly TimeSpan Often = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (configuration[ModelsSource.FileKey] is not { Length: > 0 } path)
            return;
        var known = Seen(path);
        using var timer = new PeriodicTimer(Often, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            if (Seen(path) is var seen && seen != known)
            {
                known = seen;
                Take(path);
            }
    }

    void Take(string path)
    {
        try
        {
            models.Use(ModelsSource.Read(configuration));
            log.ModelsChanged(path);
        }
        catch (FormatException e)
        {
            log.ModelsRefused(path, e.Message);
        }
    }

    static (DateTime, long) Seen(string path) => new FileInfo(path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;
}
