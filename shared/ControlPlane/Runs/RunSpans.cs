using System.Collections.Concurrent;
using System.Diagnostics;
using AiOs.Telemetry;

namespace AiOs.ControlPlane.Runs;

/// <summary>The span of a run, from its first activity to its last. It is kept open in the process that began the run; where another process (or this one, after a crash)
/// ends it, a span of the same length takes its place under the same trace, marked <c>aios.run.resumed</c>.</summary>
public sealed class RunSpans
{
    const int MostOpen = 10_000;

    readonly ConcurrentDictionary<string, Activity> open = new(StringComparer.Ordinal);

    /// <summary>Opens the span; its traceparent is the parent of every step's span. Null where nobody listens: then the request's own is passed on.</summary>
    public string? Begin(RunStart start)
    {
        var ambient = Activity.Current;
        var span = AiOsTelemetry.Source.StartActivity($"run {start.App}", ActivityKind.Internal, AiOsTelemetry.Parent(start.TraceParent), tags: Tags(start));
        Activity.Current = ambient;
        if (span is null) return start.TraceParent;
        if (open.Count >= MostOpen || !open.TryAdd(start.RunId, span)) span.Dispose();
        return span.Id;
    }

    /// <summary>Closes the span.</summary>
    /// <param name="start">The run.</param>
    /// <param name="traceParent">What <see cref="Begin"/> returned.</param>
    /// <param name="outcome">How the run ended.</param>
    /// <param name="began">When it began.</param>
    public void End(RunStart start, string? traceParent, RunOutcome outcome, DateTimeOffset began)
    {
        if (!open.TryRemove(start.RunId, out var span))
        {
            span = AiOsTelemetry.Source.StartActivity($"run {start.App}", ActivityKind.Internal, AiOsTelemetry.Parent(traceParent), tags: [.. Tags(start), new("aios.run.resumed", true)], startTime: began);
        }

        if (span is null) return;
        span.SetTag("aios.run.status", outcome.Status.ToWire());
        if (outcome.Status is RunStatus.Failed or RunStatus.UndoFailed) span.SetStatus(ActivityStatusCode.Error, outcome.Reason);
        span.Dispose();
    }

    static KeyValuePair<string, object?>[] Tags(RunStart start) => [new("aios.run.id", start.RunId), new("aios.app", start.App), new("aios.app.version", start.Version)];
}
