using System.Diagnostics;
using System.Net.Http.Json;
using AiOs.Inference;

namespace AiOs.Tests;

/// <summary>What an OTLP collector receives of the inference server, a process of its own.</summary>
public sealed class InferenceTelemetryTests
{
    [Fact]
    public async Task Spans_and_the_figures_of_the_metrics_page_leave_by_OTLP()
    {
        await using var collector = await OtlpCollector.StartAsync();
        var start = new ProcessStartInfo("dotnet", [typeof(InferenceOptions).Assembly.Location, "--port", "0"]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var (name, value) in new[] { ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_BSP_SCHEDULE_DELAY", "200") })
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri((await process.StandardOutput.ReadLineAsync())!.Split(" on ", 2)[1]) };
            await ArrivalsTests.UntilAsync(async () => (await http.GetAsync(new Uri("v2/health/ready", UriKind.Relative))).IsSuccessStatusCode);
            using (var answer = await http.PostAsJsonAsync("v2/models/sentence-encoder/infer", new { inputs = new[] { new { name = "text", shape = new[] { 1 }, datatype = "BYTES", data = new[] { "My card was stolen." } } } }))
                answer.EnsureSuccessStatusCode();
            string[] wanted = ["aios.inference.batch.rows", "aios.inference.queue.duration", "aios.inference.requests", "aios.inference.run.duration", "aios.inference.waiting"];
            await ArrivalsTests.UntilAsync(() => Task.FromResult(collector.Metrics.IsSupersetOf(wanted) && collector.Spans.Count > 0));
            Assert.Equal("infer sentence-encoder", Assert.Single(collector.Spans).Name);
            Assert.Equal(wanted, collector.Metrics.Where(name => name.StartsWith("aios.inference.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            Assert.DoesNotContain(collector.Raw.Concat(collector.RawMetrics), bytes => bytes.AsSpan().IndexOf("stolen"u8) >= 0);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
