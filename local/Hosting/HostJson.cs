using System.Globalization;
using System.Text.Json;

namespace AiOs.Local.Hosting;

/// <summary>What <c>host.json</c> says, with the defaults of the Functions host (learn.microsoft.com/azure/azure-functions/functions-host-json).</summary>
sealed record HostJson
{
    /// <summary>What every HTTP route begins with; empty for nothing.</summary>
    public string RoutePrefix { get; init; } = "api";

    /// <summary>How long an execution may take; null for as long as it likes.</summary>
    public TimeSpan? FunctionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    public QueueSettings Queues { get; init; } = new();

    public DurableSettings Durable { get; init; } = new();

    /// <summary>Reads a file; a missing one gives the defaults.</summary>
    /// <exception cref="InvalidDataException">It is malformed; the message names the member.</exception>
    public static HostJson Read(string? path) => path is not null && File.Exists(path) ? Parse(File.ReadAllText(path)) : new();

    /// <inheritdoc cref="Read"/>
    public static HostJson Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var root = new Member(document.RootElement, "host.json");
            var queues = root.At("extensions").At("queues");
            var durable = root.At("extensions").At("durableTask");
            var batch = queues.At("batchSize").Int(16, 1, 32);
            return new()
            {
                RoutePrefix = root.At("extensions").At("http").At("routePrefix").Text("api").Trim('/'),
                FunctionTimeout = root.At("functionTimeout").Text("00:30:00") is "-1" ? null : root.At("functionTimeout").Span(TimeSpan.FromMinutes(30)),
                Queues = new()
                {
                    BatchSize = batch,
                    NewBatchThreshold = queues.At("newBatchThreshold").Int(batch / 2, 0, 1000),
                    MaxDequeueCount = queues.At("maxDequeueCount").Int(5, 1, int.MaxValue),
                    VisibilityTimeout = queues.At("visibilityTimeout").Span(TimeSpan.Zero),
                    MaxPollingInterval = queues.At("maxPollingInterval").Span(TimeSpan.FromMinutes(1)),
                },
                Durable = new()
                {
                    HubName = durable.At("hubName").Text("aios"),
                    MaxConcurrentActivities = durable.At("maxConcurrentActivityFunctions").Int(10 * Environment.ProcessorCount, 1, int.MaxValue),
                    MaxConcurrentOrchestrators = durable.At("maxConcurrentOrchestratorFunctions").Int(10 * Environment.ProcessorCount, 1, int.MaxValue),
                    MaxConcurrentEntities = durable.At("maxConcurrentEntityFunctions").Int(10 * Environment.ProcessorCount, 1, int.MaxValue),
                },
            };
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException($"host.json is not JSON: {malformed.Message}", malformed);
        }
    }

    /// <summary>A member of the file that may be absent, and where it stands.</summary>
    readonly record struct Member(JsonElement? Value, string Path)
    {
        public Member At(string name) => new(
            Value is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) ? child : null, $"{Path}: {name}");

        public string Text(string otherwise) => Value switch
        {
            null => otherwise,
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            _ => throw Wrong("a text"),
        };

        public int Int(int otherwise, int least, int most) =>
            Value is not { } value ? otherwise
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
            : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

        public TimeSpan Span(TimeSpan otherwise) =>
            Value is null ? otherwise
            : TimeSpan.TryParse(Text(""), CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.Zero ? span
            : throw Wrong("a time span like 00:00:30");

        InvalidDataException Wrong(string expected) => new($"{Path} must be {expected}.");
    }
}

/// <summary>The section <c>extensions.queues</c>.</summary>
sealed record QueueSettings
{
    /// <summary>Messages received at once.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Messages in work at which more are received.</summary>
    public int NewBatchThreshold { get; init; } = 8;

    /// <summary>Deliveries after which a message is poison.</summary>
    public int MaxDequeueCount { get; init; } = 5;

    /// <summary>How long a failed message stays hidden before the next try.</summary>
    public TimeSpan VisibilityTimeout { get; init; }

    /// <summary>The longest wait between looks at an idle queue.</summary>
    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>The section <c>extensions.durableTask</c>.</summary>
sealed record DurableSettings
{
    public string HubName { get; init; } = "aios";

    public int MaxConcurrentActivities { get; init; } = 10 * Environment.ProcessorCount;

    public int MaxConcurrentOrchestrators { get; init; } = 10 * Environment.ProcessorCount;

    public int MaxConcurrentEntities { get; init; } = 10 * Environment.ProcessorCount;
}
