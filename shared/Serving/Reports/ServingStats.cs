using System.Collections.Concurrent;
using AiOs.Serving.Calls;

namespace AiOs.Serving.Reports;

/// <summary>What models and their deployments did in this instance lately, in memory.</summary>
public sealed class ServingStats
{
    /// <summary>More models and deployments are not told apart: their names are the operator's, so there are fewer.</summary>
    const int Most = 1_000;

    readonly TimeProvider clock;
    readonly Captures.Captures captures;
    readonly ConcurrentDictionary<Key, CallWindow> windows = new();

    internal ServingStats(TimeProvider clock, Captures.Captures captures) => (this.clock, this.captures) = (clock, captures);

    internal void Add(CallFacts call)
    {
        if (!call.Shadow)
            Window(new(call.Spender.Model, null, Shadow: false))?.Add(call);
        if (call.Deployment is { } deployment)
            Window(new(call.Spender.Model, deployment, call.Shadow))?.Add(call);
        foreach (var fallback in call.Fallbacks)
            Window(new(call.Spender.Model, fallback.Deployment, call.Shadow))?.PassedOver(fallback.Reason);
    }

    CallWindow? Window(Key key) => windows.TryGetValue(key, out var window) ? window : windows.Count >= Most ? null : windows.GetOrAdd(key, static (_, clock) => new CallWindow(clock), clock);

    /// <summary>The report.</summary>
    /// <param name="model">Only of this model; null for all.</param>
    public ServingReport Report(string? model = null) => new(CallWindow.Length.TotalSeconds, LatencySketch.RelativeError,
    [
        .. windows.Where(w => model is null || w.Key.Model == model).GroupBy(w => w.Key.Model, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new ModelReport(
            g.Key,
            (g.FirstOrDefault(w => w.Key.Deployment is null).Value ?? new CallWindow(clock)).Report(),
            [.. g.Where(w => w.Key.Deployment is not null).OrderBy(w => w.Key.Deployment, StringComparer.Ordinal).ThenBy(w => w.Key.Shadow).Select(w => new DeploymentReport(w.Key.Deployment!, w.Key.Shadow, w.Value.Report(), w.Value.PassedOver()))])),
    ], captures.Written, captures.Dropped);

    readonly record struct Key(string Model, string? Deployment, bool Shadow);
}
