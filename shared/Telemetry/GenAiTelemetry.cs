using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiOs.Telemetry;

/// <summary>What calls of generative models emit, by the names of OpenTelemetry's semantic conventions for generative AI (opentelemetry.io/docs/specs/semconv/gen-ai), and their cost.
/// No prompt and no answer is among it, nor the version that a server says, which may be another one every time: that is in spans.</summary>
public static class GenAiTelemetry
{
    // The boundaries that the conventions recommend.
    static readonly Histogram<long> Tokens = AiOsTelemetry.Meter.CreateHistogram(GenAiNames.TokenUsage, "{token}", "Tokens of a model call, sent and received.",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864] });
    static readonly Histogram<double> Duration = AiOsTelemetry.Meter.CreateHistogram(GenAiNames.OperationDuration, "s", "How long model calls take.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] });
    static readonly Histogram<double> FirstChunk = AiOsTelemetry.Meter.CreateHistogram(GenAiNames.TimeToFirstChunk, "s", "How long until the first piece of a streamed answer.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0] });
    static readonly Histogram<double> Queue = AiOsTelemetry.Meter.CreateHistogram<double>(GenAiNames.QueueTime, "s", "How long model calls wait for a place.");
    static readonly Counter<double> Cost = AiOsTelemetry.Meter.CreateCounter<double>(GenAiNames.ModelCost, null, "What model calls cost, in the currency of the operator's prices.");
    static readonly Counter<long> Ends = AiOsTelemetry.Meter.CreateCounter<long>(GenAiNames.Ends, "{call}", "Model calls that ended, by how.");
    static readonly Counter<long> Fallbacks = AiOsTelemetry.Meter.CreateCounter<long>(GenAiNames.Fallbacks, "{target}", "Targets of model calls that were passed over, by reason.");

    /// <summary>Measures a call that has ended.</summary>
    public static void Measure(in MeasuredCall call)
    {
        if (!Duration.Enabled)
            return;
        TagList tags = [new(GenAiNames.OperationName, call.Operation), new(GenAiNames.ProviderName, call.Operation == GenAiNames.Infer ? GenAiNames.Own : GenAiNames.OpenAi), new(GenAiNames.RequestModel, call.RequestModel), new(GenAiNames.Model, call.Model)];
        if (call.Shadow)
            tags.Add(GenAiNames.Shadow, true);
        if (call.InputTokens + call.OutputTokens > 0)
        {
            Tokens.Record(call.InputTokens, [.. tags, new(GenAiNames.TokenType, "input")]);
            Tokens.Record(call.OutputTokens, [.. tags, new(GenAiNames.TokenType, "output")]);
        }

        if (call.Cost is { } paid)
            Cost.Add((double)paid, new(GenAiNames.Model, call.Model), new(GenAiNames.RequestModel, call.RequestModel));
        if (call.FirstPiece is { } first)
            FirstChunk.Record(first.TotalSeconds, tags);
        if (call.Queued is { } queued)
            Queue.Record(queued.TotalSeconds, new(GenAiNames.Model, call.Model), new(GenAiNames.RequestModel, call.RequestModel));
        if (call.End is { } end)
            Ends.Add(1, new(GenAiNames.Model, call.Model), new(GenAiNames.End, end));
        if (call.Error is not null)
            tags.Add(GenAiNames.ErrorType, call.Error);
        Duration.Record(call.Took.TotalSeconds, tags);
    }

    /// <summary>Counts a target that was passed over.</summary>
    public static void FellBack(string model, string deployment, string reason) =>
        Fallbacks.Add(1, new(GenAiNames.Model, model), new(GenAiNames.Deployment, deployment), new(GenAiNames.Reason, reason));
}

/// <summary>What is measured of a model call.</summary>
/// <param name="Operation">A <see cref="GenAiNames.OperationName"/>.</param>
/// <param name="Model">The logical name.</param>
/// <param name="RequestModel">What was asked: the deployment, or what the endpoint calls the model.</param>
public readonly record struct MeasuredCall(string Operation, string Model, string RequestModel)
{
    /// <summary>Why it failed; null where it did not.</summary>
    public string? Error { get; init; }

    /// <summary>Tokens sent.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens received.</summary>
    public long OutputTokens { get; init; }

    /// <summary>In the operator's currency.</summary>
    public decimal? Cost { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Until the first piece of a streamed answer.</summary>
    public TimeSpan? FirstPiece { get; init; }

    /// <summary>How long it waited for a place.</summary>
    public TimeSpan? Queued { get; init; }

    /// <summary>Where its answer came from.</summary>
    public string? End { get; init; }

    /// <summary>Whether its answer went to nobody.</summary>
    public bool Shadow { get; init; }
}
