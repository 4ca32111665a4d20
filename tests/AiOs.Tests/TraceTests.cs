using Microsoft.Extensions.Logging;

namespace AiOs.Tests;

/// <summary>What an OTLP collector receives of a run.</summary>
public sealed class TraceTests(DeployedApps apps)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]   // then the web server has an activity of its own, which nobody records
    public async Task A_run_is_one_trace_with_a_span_for_each_step(bool logging)
    {
        await using var collector = await OtlpCollector.StartAsync();
        string runId;
        await using (var os = await LocalOs.StartAsync(apps.Copy(), settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }, logging: logging ? builder => builder.AddProvider(new Unread()) : null))
        {
            runId = (await os.SendAsync(Claims.App, Claims.Report(240))).RunId();
            await os.Host.StopAsync();   // lets the activity end that tells the run's end before it closes the run's span
        }

        var mine = collector.Spans.Where(span => span.Attributes.GetValueOrDefault("aios.run.id") == runId).ToList();
        var run = Assert.Single(mine, span => span.Name == "run claims-intake");
        var steps = mine.Where(span => span.Name.StartsWith("step ", StringComparison.Ordinal)).ToList();
        Assert.Equal(["step decision", "step fields", "step intent", "step payout", "step reply", "step wording"], steps.Select(span => span.Name).Order(StringComparer.Ordinal));
        Assert.All(steps, step => Assert.Equal((run.TraceId, run.SpanId), (step.TraceId, step.ParentId)));
        var request = Assert.Single(collector.Spans, span => span.SpanId == run.ParentId);
        Assert.Equal(run.TraceId, request.TraceId);
        Assert.DoesNotContain(collector.Raw, bytes => bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Claims.Iban)) >= 0);
    }

    /// <summary>Somebody who takes every line.</summary>
    sealed class Unread : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }

        public void Dispose()
        {
        }
    }
}
