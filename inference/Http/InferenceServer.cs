using AiOs.Inference.Metrics;
using AiOs.Inference.Repository;
using AiOs.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace AiOs.Inference.Http;

/// <summary>The server: Kestrel, the models of a repository, and between them one handler without any middleware.</summary>
sealed class InferenceServer : IAsyncDisposable
{
    readonly WebApplication app;
    readonly ModelRepository repository;
    readonly Gpus? gpus;
    readonly Task polling;

    InferenceServer(WebApplication app, ModelRepository repository, Gpus? gpus, InferenceOptions options, TimeProvider clock)
    {
        (this.app, this.repository, this.gpus) = (app, repository, gpus);
        polling = options.Poll > 0 ? PollAsync(TimeSpan.FromSeconds(options.Poll), clock, app.Lifetime.ApplicationStopping) : Task.CompletedTask;
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Listens; models are loaded by <see cref="LoadAsync"/>, and until then it is live and not ready.</summary>
    public static async Task<InferenceServer> StartAsync(InferenceOptions options, TimeProvider clock)
    {
        var provider = ExecutionProvider.Choose(options.Provider);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Configuration.AddEnvironmentVariables();
        builder.Logging.AddSimpleConsole().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddTelemetry(builder.Configuration);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Listen, options.Port);
            kestrel.Limits.MaxRequestBodySize = (long)options.MaxBody * RequestBody.Tolerance;
        });
        var built = builder.Build();
        var log = built.Services.GetRequiredService<ILoggerFactory>();
        var models = new ModelRepository(options.Repository, provider, clock, log.CreateLogger<ModelRepository>());
        var found = Gpus.Find(provider);
        log.CreateLogger<InferenceServer>().ProviderChosen(provider.Name, provider.Reason);
        built.Run(new Handler(models, found, options, clock, log.CreateLogger<Handler>()).HandleAsync);
        await built.StartAsync(CancellationToken.None);
        return new(built, models, found, options, clock);
    }

    public Task LoadAsync() => repository.LoadAllAsync(app.Lifetime.ApplicationStopping);

    public Task WaitForShutdownAsync() => app.WaitForShutdownAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await polling;
        await app.DisposeAsync();
        await repository.DisposeAsync();
        gpus?.Dispose();
    }

    async Task PollAsync(TimeSpan every, TimeProvider clock, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                await repository.LoadAllAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
