using AiOs.DataPlane.Queues;
using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Durable;
using AiOs.Local.Hosting.Invocations;
using AiOs.Local.Hosting.Queues;
using AiOs.Local.Hosting.Timers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting;

/// <summary>Starts what waits for queues and timers, after the app's own services and before HTTP; stops it after HTTP.</summary>
sealed class TriggerHost(
    IReadOnlyList<HostedFunction> functions, EmbeddedHostOptions options, HostJson host, FunctionRunner runner, QueueOutputs outputs, DurableClientSource durable,
    HostStore store, IConfiguration configuration, IServiceProvider services, ILoggerFactory loggers) : IHostedService
{
    /// <summary>The setting by which the Functions host is told a time zone for timers.</summary>
    const string TimeZoneSetting = "WEBSITE_TIME_ZONE";

    readonly List<IListener> listeners = [];
    readonly Lock stops = new();
    Task? stopping;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = new Settings(configuration);
        foreach (var function in functions)
            if (!settings.Disabled(function.Name) && ListenerFor(function) is { } listener)
                listeners.Add(listener);
        foreach (var listener in listeners)
            await listener.StartAsync(cancellationToken);
    }

    /// <summary>Whoever stops what is stopping waits for the same end.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (stops)
            return stopping ??= Task.WhenAll([.. listeners.Select(l => l.StopAsync(options.DrainTime, cancellationToken))]);
    }

    IListener? ListenerFor(HostedFunction function) => function.Trigger switch
    {
        QueueTrigger trigger => new QueueListener(
            function, trigger.Queue, Queues(function), services.GetRequiredService<MessageExecution>(), host.Queues, options.QueueLease, options.TimeProvider,
            loggers.CreateLogger<QueueListener>()),
        TimerTrigger trigger => new TimerListener(
            function, trigger, new(trigger.Schedule, Zone()), runner, outputs, durable, store, options.TimeProvider, loggers.CreateLogger<TimerListener>()),
        _ => null,
    };

    IQueue Queues(HostedFunction function) => services.GetService<IQueue>()
        ?? throw new InvalidOperationException($"No queue service is registered for '{function.Name}'.");

    TimeZoneInfo Zone() => configuration[TimeZoneSetting] is { Length: > 0 } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
}
