using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using AiOs.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests.Telemetry;

public sealed class TelemetryExportTests
{
    [Fact]
    public async Task Spans_and_metrics_reach_a_collector_over_http_before_the_host_has_stopped()
    {
        var received = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var listening = WebApplication.CreateSlimBuilder();
        listening.Logging.ClearProviders();
        await using var collector = listening.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.AddOrUpdate($"{signal} {request.ContentType}", _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
        await collector.StartAsync();

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [TelemetrySetup.EndpointKey] = collector.Urls.First(), ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }).Build();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddTelemetry(configuration);
        using var host = builder.Build();
        await host.StartAsync();
        Activity.Current = null;
        AiOsTelemetry.Source.StartActivity("a span of this test")?.Dispose();
        AiOsTelemetry.Meter.CreateCounter<long>("counter.of.this.test").Add(1);
        await host.StopAsync();

        Assert.Contains("a span of this test", received["traces application/x-protobuf"], StringComparison.Ordinal);
        Assert.Contains("aios", received["traces application/x-protobuf"], StringComparison.Ordinal);
        Assert.Contains("counter.of.this.test", received["metrics application/x-protobuf"], StringComparison.Ordinal);
    }
}
