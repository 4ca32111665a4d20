using System.Diagnostics.Metrics;
using AiOs.Telemetry;

namespace AiOs.Inference.Metrics;

/// <summary>What <c>/metrics</c> shows, on the meter of the OS: it leaves by OTLP where that is set up, and costs next to nothing where nobody listens.</summary>
static class InferenceTelemetry
{
    public const string ModelKey = "aios.model", VersionKey = "aios.model.version", StatusKey = "http.response.status_code";

    public static readonly Counter<long> Requests = AiOsTelemetry.Meter.CreateCounter<long>("aios.inference.requests", "{request}", "Requests by the HTTP status that they ended with.");

    public static readonly UpDownCounter<long> Waiting = AiOsTelemetry.Meter.CreateUpDownCounter<long>("aios.inference.waiting", "{request}", "Requests that wait for a batch.");

    public static readonly Histogram<double> Queue = Create<double>("aios.inference.queue.duration", "s", "What requests waited for a batch.", Histogram.Seconds);

    public static readonly Histogram<double> Run = Create<double>("aios.inference.run.duration", "s", "How long batches ran.", Histogram.Seconds);

    public static readonly Histogram<long> BatchRows = Create<long>("aios.inference.batch.rows", "{row}", "Rows in a batch.", [.. Histogram.Sizes.Select(size => (long)size)]);

    static Histogram<T> Create<T>(string name, string unit, string description, T[] bounds) where T : struct =>
        AiOsTelemetry.Meter.CreateHistogram(name, unit, description, advice: new InstrumentAdvice<T> { HistogramBucketBoundaries = bounds });
}
