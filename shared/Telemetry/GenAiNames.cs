namespace AiOs.Telemetry;

/// <summary>The one table of names for calls of models: OpenTelemetry's semantic conventions for generative AI v1.41 (opentelemetry.io/docs/specs/semconv/gen-ai), and ours, which begin with <c>aios.</c>.</summary>
public static class GenAiNames
{
    /// <summary>Metrics.</summary>
    public const string TokenUsage = "gen_ai.client.token.usage", OperationDuration = "gen_ai.client.operation.duration", TimeToFirstChunk = "gen_ai.client.operation.time_to_first_chunk",
        ModelCost = "aios.model.cost", QueueTime = "aios.model.queue.duration", Ends = "aios.model.ended", Fallbacks = "aios.model.fallbacks";

    /// <summary>Attributes of spans and metrics.</summary>
    public const string OperationName = "gen_ai.operation.name", ProviderName = "gen_ai.provider.name", RequestModel = "gen_ai.request.model", ResponseModel = "gen_ai.response.model",
        RequestMaxTokens = "gen_ai.request.max_tokens", InputTokens = "gen_ai.usage.input_tokens", OutputTokens = "gen_ai.usage.output_tokens", CacheReadInputTokens = "gen_ai.usage.cache_read.input_tokens",
        FinishReasons = "gen_ai.response.finish_reasons", TokenType = "gen_ai.token.type", ErrorType = "error.type", ServerAddress = "server.address", ServerPort = "server.port",
        Model = "aios.model", Deployment = "aios.model.deployment", End = "aios.model.end", Reason = "aios.model.fallback.reason", Shadow = "aios.model.shadow", UsageEstimated = "aios.model.usage_estimated";

    /// <summary>Values of <see cref="OperationName"/>; the last, for tensors, is ours.</summary>
    public const string Chat = "chat", Embeddings = "embeddings", Infer = "infer";

    /// <summary>The <see cref="ProviderName"/> of an endpoint, and of a model in this process.</summary>
    public const string OpenAi = "openai", Own = "aios";
}
