using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiOs.Telemetry;

/// <summary>What calls of generative models emit, by the names of OpenTelemetry's semantic conventions for generative AI (opentelemetry.io/docs/specs/semconv/gen-ai), and their cost.
/// No prompt and no answer is among it.</summary>
public static class GenAiTelemetry
{
    static readonly Histogram<long> Tokens = AiOsTelemetry.Meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of a model call, sent and received.");
    static readonly Histogram<double> Duration = AiOsTelemetry.Meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "How long model calls take.");
    static readonly Counter<double> Cost = AiOsTelemetry.Meter.CreateCounter<double>("aios.model.cost", null, "What model calls cost, in the currency of the operator's prices.");

    /// <summary>Opens the span of a call.</summary>
    /// <param name="name">The logical name.</param>
    /// <param name="model">What the endpoint calls it.</param>
    /// <param name="endpoint">Only its host and port are noted.</param>
    /// <param name="maxTokens">The longest answer.</param>
    public static Activity? Begin(string name, string model, Uri endpoint, int maxTokens) =>
        AiOsTelemetry.Source.StartActivity("chat " + model, ActivityKind.Client)?
            .SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.provider.name", "openai").SetTag("gen_ai.request.model", model).SetTag("gen_ai.request.max_tokens", maxTokens)
            .SetTag("server.address", endpoint.Host).SetTag("server.port", endpoint.Port).SetTag("aios.model", name);

    /// <summary>Closes the span of a call and measures it.</summary>
    public static void End(Activity? span, string name, string model, string? finishReason, string? error, long input, long output, bool estimated, decimal? cost, TimeSpan took)
    {
        span?.SetTag("gen_ai.usage.input_tokens", input).SetTag("gen_ai.usage.output_tokens", output).SetTag("aios.model.cost", (double?)cost).SetTag("aios.model.usage_estimated", estimated);
        if (finishReason is not null)
            span?.SetTag("gen_ai.response.finish_reasons", new[] { finishReason });
        TagList tags = [new("gen_ai.operation.name", "chat"), new("gen_ai.provider.name", "openai"), new("gen_ai.request.model", model), new("aios.model", name)];
        Tokens.Record(input, [.. tags, new("gen_ai.token.type", "input")]);
        Tokens.Record(output, [.. tags, new("gen_ai.token.type", "output")]);
        if (cost is { } paid)
            Cost.Add((double)paid, new("aios.model", name), new("gen_ai.request.model", model));
        if (error is not null)
        {
            span?.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
            tags.Add("error.type", error);
        }

        Duration.Record(took.TotalSeconds, tags);
        span?.Dispose();
    }
}
