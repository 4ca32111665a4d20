using System.Collections.Concurrent;
using System.Diagnostics;
using AiOs.Inference.Batching;

namespace AiOs.Inference.Metrics;

/// <summary>What one version of a model did.</summary>
sealed class ModelMetrics(string model, string version)
{
    readonly TagList tags = [new(InferenceTelemetry.ModelKey, model), new(InferenceTelemetry.VersionKey, version)];
    readonly ConcurrentDictionary<int, long> statuses = new();
    long ranNanoseconds, ranRequests;

    /// <summary>Requests by the HTTP status that they ended with.</summary>
    public IReadOnlyDictionary<int, long> Statuses => statuses;

    /// <summary>Seconds that requests waited for a batch.</summary>
    public Histogram Queue { get; } = new(Histogram.Seconds);

    /// <summary>Seconds that batches ran.</summary>
    public Histogram Inference { get; } = new(Histogram.Seconds);

    /// <summary>Rows in a batch.</summary>
    public Histogram BatchRows { get; } = new(Histogram.Sizes);

    /// <summary>Mean time of an instance for one request, so far.</summary>
    public double SecondsARequest => Volatile.Read(ref ranRequests) is > 0 and var requests ? Volatile.Read(ref ranNanoseconds) / 1e9 / requests : 0;

    public void Ended(int status)
    {
        statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
        if (InferenceTelemetry.Requests.Enabled)
            InferenceTelemetry.Requests.Add(1, [.. tags, new(InferenceTelemetry.StatusKey, status)]);
    }

    /// <summary>So many more wait for a batch, or fewer.</summary>
    public void Waiting(int more) => InferenceTelemetry.Waiting.Add(more, tags);

    public void Ran(int rows, TimeSpan took, IReadOnlyList<Work> batch)
    {
        BatchRows.Record(rows);
        Inference.Record(took.TotalSeconds);
        InferenceTelemetry.BatchRows.Record(rows, tags);
        InferenceTelemetry.Run.Record(took.TotalSeconds, tags);
        foreach (var work in batch)
        {
            Queue.Record(work.Queued.TotalSeconds);
            InferenceTelemetry.Queue.Record(work.Queued.TotalSeconds, tags);
        }
        Interlocked.Add(ref ranNanoseconds, (long)(took.TotalSeconds * 1e9));
        Interlocked.Add(ref ranRequests, batch.Count);
    }
}
