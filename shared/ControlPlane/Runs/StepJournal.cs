using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Threading.Channels;
using AiOs.Agents;
using AiOs.DataPlane;
using AiOs.Telemetry;

namespace AiOs.ControlPlane.Runs;

/// <summary>Wraps the work of a step: one span under the run's span, one line in the run's timeline, one measurement.</summary>
public sealed class StepJournal(Runs runs, TimeProvider clock)
{
    /// <summary>The largest facts of one step, in bytes of JSON.</summary>
    public const int MaxFactsBytes = 8 * 1024;

    static readonly Histogram<double> Duration = AiOsTelemetry.Meter.CreateHistogram<double>("aios.step.duration", "s", "How long the steps of runs take.");

    /// <summary>Does the work of a step and records how it went. An exception is recorded too, and goes on to whoever retries.</summary>
    /// <param name="start">The run.</param>
    /// <param name="step">The step's id, or a path below it.</param>
    /// <param name="kind">The step's kind as the timeline names it.</param>
    /// <param name="traceParent">The run's span.</param>
    /// <param name="work">What the step does.</param>
    /// <param name="cancellationToken">Ends the recording.</param>
    /// <exception cref="InvalidDataException">The step's facts are larger than <see cref="MaxFactsBytes"/>.</exception>
    public async Task<StepResult> RecordAsync(RunStart start, string step, string kind, string? traceParent, Func<Task<StepResult>> work, CancellationToken cancellationToken)
    {
        var began = clock.GetUtcNow();
        using var span = Span(start, step, kind, traceParent);
        try
        {
            var result = await work();
            var facts = JsonSerializer.SerializeToElement(result.Facts, AiOsJson.Options);
            if (System.Text.Encoding.UTF8.GetByteCount(facts.GetRawText()) > MaxFactsBytes) throw new InvalidDataException($"The facts of step '{step}' are larger than {MaxFactsBytes} bytes.");
            span?.SetTag("aios.step.outcome", result.Outcome);
            await EndAsync(start, step, kind, result.Outcome, began, facts, cancellationToken);
            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            span?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            await EndAsync(start, step, kind, "error", began, JsonSerializer.SerializeToElement(new { error = e.GetType().Name }, AiOsJson.Options), cancellationToken);
            throw;
        }
    }

    /// <summary>Notes that a long step is under way, or how far it is.</summary>
    public Task UnderWayAsync(RunStart start, string step, string kind, DateTimeOffset began, object? facts, CancellationToken cancellationToken) =>
        runs.RecordAsync(new(0, start.RunId, step, 1, kind, "started", began, null, facts is null ? null : JsonSerializer.SerializeToElement(facts, AiOsJson.Options)), cancellationToken);

    /// <summary>Does long work and writes its progress (0..1) into the timeline as fast as the store takes it; only the latest report counts.</summary>
    public async Task<T> WithProgressAsync<T>(RunStart start, string step, string kind, Func<IProgress<double>, Task<T>> work, CancellationToken cancellationToken)
    {
        var began = clock.GetUtcNow();
        var reports = Channel.CreateBounded<double>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var writer = Task.Run(async () =>
        {
            await foreach (var share in reports.Reader.ReadAllAsync(cancellationToken))
                await UnderWayAsync(start, step, kind, began, new { progress = Math.Round(Math.Clamp(share, 0, 1), 3) }, cancellationToken);
        }, cancellationToken);
        try
        {
            return await work(new Reports(reports.Writer));
        }
        finally
        {
            reports.Writer.Complete();
            await writer;
        }
    }

    sealed class Reports(ChannelWriter<double> writer) : IProgress<double>
    {
        public void Report(double value) => writer.TryWrite(value);
    }

    /// <summary>Now, by the clock of the journal.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    static Activity? Span(RunStart start, string step, string kind, string? traceParent) =>
        AiOsTelemetry.Source.StartActivity($"step {step}", ActivityKind.Internal, AiOsTelemetry.Parent(traceParent),
            tags: [new("aios.run.id", start.RunId), new("aios.app", start.App), new("aios.step", step), new("aios.step.kind", kind)]);

    async Task EndAsync(RunStart start, string step, string kind, string outcome, DateTimeOffset began, JsonElement facts, CancellationToken cancellationToken)
    {
        var ended = clock.GetUtcNow();
        Duration.Record((ended - began).TotalSeconds, new("aios.app", start.App), new("aios.step.kind", kind), new("aios.step.outcome", outcome));
        await runs.RecordAsync(new(0, start.RunId, step, 1, kind, outcome, began, ended, facts), cancellationToken);
    }
}
