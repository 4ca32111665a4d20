using System.Diagnostics;

namespace AiOs.Telemetry;

/// <summary>Spans of calls of models, by the names of <see cref="GenAiNames"/>. No prompt and no answer is among them.</summary>
public static class GenAiSpans
{
    const int LongestVersion = 128;

    /// <summary>Opens the span of a call of a logical model, all its attempts together; null where nobody listens.</summary>
    /// <param name="operation"><c>chat</c>, <c>embeddings</c> or <c>infer</c>.</param>
    /// <param name="name">The logical name.</param>
    /// <param name="maxTokens">The longest answer; null where the caller does not say.</param>
    public static Activity? Begin(string operation, string name, int? maxTokens)
    {
        if (!AiOsTelemetry.Source.HasListeners() || AiOsTelemetry.Source.StartActivity(operation + " " + name, ActivityKind.Client) is not { } span)
            return null;
        span.SetTag(GenAiNames.OperationName, operation).SetTag(GenAiNames.Model, name);
        return maxTokens is { } most ? span.SetTag(GenAiNames.RequestMaxTokens, most) : span;
    }

    /// <summary>Closes the span of a call.</summary>
    /// <param name="span">The span.</param>
    /// <param name="model">What the endpoint calls the model; null where none was asked.</param>
    /// <param name="endpoint">Only its host and port are noted.</param>
    /// <param name="finishReason">Why the model stopped.</param>
    /// <param name="end">What is known besides, under names of our own and of the conventions.</param>
    public static void End(Activity? span, string? model, Uri? endpoint, string? finishReason, in SpanEnd end)
    {
        if (span is null)
            return;
        if (endpoint is not null)
            span.SetTag(GenAiNames.ServerAddress, endpoint.Host).SetTag(GenAiNames.ServerPort, endpoint.Port);
        if (model is not null)
        {
            span.DisplayName = $"{span.GetTagItem(GenAiNames.OperationName)} {model}";   // by the conventions, once it is known who is asked
            span.SetTag(GenAiNames.RequestModel, model);
        }
        span.SetTag(GenAiNames.ProviderName, endpoint is null || end.IsOwn ? GenAiNames.Own : GenAiNames.OpenAi).SetTag(GenAiNames.InputTokens, end.InputTokens).SetTag(GenAiNames.OutputTokens, end.OutputTokens)
            .SetTag(GenAiNames.UsageEstimated, end.Estimated).SetTag(GenAiNames.ModelCost, (double?)end.Cost).SetTag(GenAiNames.Deployment, end.Deployment).SetTag(GenAiNames.End, end.End);
        if (end.Version is { } version)
            span.SetTag(GenAiNames.ResponseModel, version.Length > LongestVersion ? version[..LongestVersion] : version);
        if (end.Fallbacks > 0)
            span.SetTag(GenAiNames.Fallbacks, end.Fallbacks);
        if (finishReason is not null)
            span.SetTag(GenAiNames.FinishReasons, new[] { finishReason });
        if (end.Error is not null)
            span.SetTag(GenAiNames.ErrorType, end.Error).SetStatus(ActivityStatusCode.Error);
        span.Dispose();
    }
}

/// <summary>How a call of a model ended.</summary>
/// <param name="InputTokens">Tokens sent.</param>
/// <param name="OutputTokens">Tokens received.</param>
/// <param name="Estimated">Whether the endpoint did not count them.</param>
/// <param name="Cost">In the operator's currency.</param>
/// <param name="Deployment">Who answered.</param>
/// <param name="End">Where the answer came from.</param>
/// <param name="Fallbacks">How many deployments were passed over.</param>
/// <param name="Error">Why there is no answer.</param>
public readonly record struct SpanEnd(long InputTokens, long OutputTokens, bool Estimated, decimal? Cost, string? Deployment, string End, int Fallbacks, string? Error)
{
    /// <summary>Whether it is no call by an API of OpenAI's kind: scores.</summary>
    public bool IsOwn { get; init; }

    /// <summary>The version of the model that answered, masked; null where nobody says one.</summary>
    public string? Version { get; init; }
}
