using AiOs.DataPlane;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Invocations;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiOs.Local.Hosting.Durable;

/// <summary>Gives the durable engine the functions with durable triggers and the tasks that the app registered in code, and runs it. Payloads have Azure's limits.</summary>
sealed class DurableHost(
    IReadOnlyList<HostedFunction> functions, EmbeddedHostOptions options, HostJson host, WorkingDirectory directory, FunctionRunner runner, DurableClientSource source,
    IOptions<WorkerOptions> worker, IOptions<DurableTaskRegistry> tasks, IOptions<DurableTaskClientOptions> client, IServer server, IConfiguration configuration, IServiceProvider services, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    const int MaxPayloadBytes = 1024 * 1024;
    const int MaxCustomStatusBytes = 16 * 1024;

    readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
    DurableEngine? engine;

    /// <summary>What the engine has written; it must have started.</summary>
    public EngineCounts Counts => engine!.Counts;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var file = directory.IsTemporary ? null : Path.Combine(directory.Path, "durable.db");
        if (file is not null) OwnerOnly.CreateFile(file);   // SQLite gives its write-ahead log the mode of the file
        engine = new(Registry(), services, Options(file), loggers);
        source.Set(new HostedDurableClient(engine.Client, Address), engine);
        await engine.StartAsync(cancellationToken);
    }

    /// <summary>Replays histories against the orchestrators that this host has. It need not have started.</summary>
    public HistoryReplayer Replayer() => new(Registry(), services, Options(file: null), loggers);

    DurableEngineOptions Options(string? file) => new()
    {
        Path = file,
        DataConverter = new SerializerConverter(worker.Value.Serializer!),
        TimeProvider = options.TimeProvider,
        MaxConcurrentActivities = host.Durable.MaxConcurrentActivities,
        MaxConcurrentOrchestrations = host.Durable.MaxConcurrentOrchestrators,
        MaxConcurrentEntities = host.Durable.MaxConcurrentEntities,
        DrainTime = options.DrainTime,
        MaxPayloadBytes = MaxPayloadBytes,
        MaxCustomStatusBytes = MaxCustomStatusBytes,
        DefaultVersion = client.Value.DefaultVersion,
        Name = host.Durable.HubName,
        Determinism = DeterminismSetting.Read(configuration),
    };

    public Task StopAsync(CancellationToken cancellationToken) => engine?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (engine is not null)
            await engine.DisposeAsync();
        http.Dispose();
    }

    DurableTaskRegistry Registry()
    {
        var registry = tasks.Value;
        foreach (var function in functions)
            _ = function.Trigger switch
            {
                OrchestrationTrigger trigger => registry.AddOrchestrator(new TaskName(trigger.Name), () => new FunctionOrchestrator(function, runner)),
                ActivityTrigger trigger => registry.AddActivity(new TaskName(trigger.Name), s => new FunctionActivity(function, runner, source, s, engine!.Stopping)),
                EntityTrigger trigger => registry.AddEntity(new TaskName(trigger.Name), s => new FunctionEntity(function, runner, source, s, engine!.Stopping)),
                _ => registry,
            };
        return registry.AddActivity(new TaskName(TaskOrchestrationContextExtensionMethods.HttpActivity), new HttpActivity(http, options.TimeProvider));
    }

    Uri? Address() => server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address ? new(address) : null;
}
