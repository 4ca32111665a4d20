using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests;

/// <summary>A span as it was exported.</summary>
sealed record Span(string TraceId, string SpanId, string ParentId, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A loopback OTLP/HTTP collector that keeps what it gets (opentelemetry-proto: ExportTraceServiceRequest, fields by number).</summary>
sealed class OtlpCollector : IAsyncDisposable
{
    readonly WebApplication app;

    OtlpCollector(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    public ConcurrentBag<byte[]> Raw { get; } = [];

    /// <summary>ExportMetricsServiceRequest messages.</summary>
    public ConcurrentBag<byte[]> RawMetrics { get; } = [];

    /// <summary>Names of the metrics that came.</summary>
    public IReadOnlySet<string> Metrics => RawMetrics.SelectMany(bytes => Messages(bytes, 1)).SelectMany(resource => Messages(resource, 2)).SelectMany(scope => Messages(scope, 2)).Select(metric => Text(metric, 1)).ToHashSet(StringComparer.Ordinal);

    public IReadOnlyList<Span> Spans => [.. Raw.SelectMany(bytes => Messages(bytes, 1)).SelectMany(resource => Messages(resource, 2)).SelectMany(scope => Messages(scope, 2)).Select(Read)];

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.MapPost("/v1/traces", (HttpRequest request) => KeepAsync(request, collector.Raw));
        app.MapPost("/v1/metrics", (HttpRequest request) => KeepAsync(request, collector.RawMetrics));
        await app.StartAsync();
        return collector;
    }

    static async Task<IResult> KeepAsync(HttpRequest request, ConcurrentBag<byte[]> kept)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        kept.Add(body.ToArray());
        return Results.Bytes([], "application/x-protobuf");
    }

    static Span Read(byte[] span) => new(Hex(span, 1), Hex(span, 2), Hex(span, 4), System.Text.Encoding.UTF8.GetString(Messages(span, 5).Single()),
        Messages(span, 9).Select(pair => (Key: Text(pair, 1), Value: Messages(pair, 2).SelectMany(value => Messages(value, 1)).Select(System.Text.Encoding.UTF8.GetString).FirstOrDefault() ?? ""))
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));

    static string Text(byte[] message, int field) => System.Text.Encoding.UTF8.GetString(Messages(message, field).Single());

    static string Hex(byte[] message, int field) => Convert.ToHexString(Messages(message, field).SingleOrDefault() ?? []);

    static IReadOnlyList<byte[]> Messages(byte[] message, int field)
    {
        var found = new List<byte[]>();
        using var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited) found.Add(input.ReadBytes().ToByteArray());
            else input.SkipLastField();
        return found;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
