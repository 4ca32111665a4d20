using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AiOs.Telemetry;

/// <summary>The OpenTelemetry SDK for as long as the host runs.</summary>
sealed class TelemetryExport(IConfiguration configuration) : IHostedService, IDisposable
{
    OpenTelemetrySdk? sdk;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        sdk = OpenTelemetrySdk.Create(builder =>
        {
            builder.Services.AddSingleton(configuration);   // where the SDK reads OTEL_*
            builder
                .ConfigureResource(resource => resource
                    .AddService("aios", serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3))
                    .AddEnvironmentVariableDetector())   // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
                .WithTracing(tracing => tracing.AddSource(AiOsTelemetry.Name))
                .WithMetrics(metrics => metrics.AddMeter(AiOsTelemetry.Name))
                .UseOtlpExporter();
        });
        return Task.CompletedTask;
    }

    /// <summary>Sends what is waiting; a collector that does not answer delays the end by a few seconds, not more.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(Dispose, cancellationToken);

    public void Dispose() => Interlocked.Exchange(ref sdk, null)?.Dispose();
}
