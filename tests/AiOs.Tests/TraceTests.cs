namespace AiOs.Tests;

/// <summary>What an OTLP collector receives of a run.</summary>
public sealed class TraceTests(DeployedApps apps)
{
    [Fact]
    public async Task A_run_is_one_trace_with_a_span_for_each_step()
    {
        await using var collector = await OtlpCollector.StartAsync();
        string runId;
        await using (var os = await apps.StartAsync(settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }))
            runId = (await os.SendAsync(Claims.App, Claims.Report(240))).RunId();

        var mine = collector.Spans.Where(span => span.Attributes.GetValueOrDefault("aios.run.id") == runId).ToList();
        var run = Assert.Single(mine, span => span.Name == "run claims-intake");
        var steps = mine.Where(span => span.Name.StartsWith("step ", StringComparison.Ordinal)).ToList();
        Assert.Equal(["step decision", "step fields", "step intent", "step payout", "step reply", "step wording"], steps.Select(span => span.Name).Order(StringComparer.Ordinal));
        Assert.All(steps, step => Assert.Equal((run.TraceId, run.SpanId), (step.TraceId, step.ParentId)));
        var request = Assert.Single(collector.Spans, span => span.SpanId == run.ParentId);
        Assert.Equal(run.TraceId, request.TraceId);
        Assert.DoesNotContain(collector.Raw, bytes => bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Claims.Iban)) >= 0);
    }
}
