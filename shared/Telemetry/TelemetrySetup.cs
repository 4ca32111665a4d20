using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Telemetry;

/// <summary>Wires OpenTelemetry over <see cref="AiOsTelemetry"/>. Traces and metrics leave by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set;
/// the other <c>OTEL_*</c> settings (protocol, headers, sampler, resource attributes) mean what the OpenTelemetry specification says.</summary>
public static class TelemetrySetup
{
    /// <summary>Configuration key of the collector's address.</summary>
    public const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    extension(IServiceCollection services)
    {
        /// <summary>Exports from the start of the host to its end, and flushes then; without an endpoint nothing is collected. Call it before other
        /// hosted services are added: the first to start is the last to stop.</summary>
        public IServiceCollection AddTelemetry(IConfiguration configuration)
        {
            if (!string.IsNullOrWhiteSpace(configuration[EndpointKey])) services.AddHostedService(_ => new TelemetryExport(configuration));
            return services;
        }
    }
}
