using System.Diagnostics.Metrics;
using AiOs.ControlPlane.Apps;
using AiOs.Telemetry;

namespace AiOs.ControlPlane.Runs;

/// <summary>Measures runs: how long they take, how they end, what they are worth.</summary>
public static class RunMeter
{
    static readonly Histogram<double> Duration = AiOsTelemetry.Meter.CreateHistogram<double>("aios.run.duration", "s", "From a run's start to its end, waiting for people included.");
    static readonly Counter<long> Ends = AiOsTelemetry.Meter.CreateCounter<long>("aios.run.ended", "{run}", "Runs that ended, by status.");
    static readonly Counter<double> Saved = AiOsTelemetry.Meter.CreateCounter<double>("aios.run.minutes_saved", "min", "Minutes of work that completed runs saved, as their apps state it.");

    /// <summary>Counts a run that ended.</summary>
    public static void Ended(RunRow run, Plan? plan)
    {
        KeyValuePair<string, object?> app = new("aios.app", run.App), status = new("aios.run.status", run.Status.ToWire());
        Ends.Add(1, app, status);
        if (run is { StartedAt: { } started, FinishedAt: { } ended }) Duration.Record((ended - started).TotalSeconds, app, status);
        if (run.Status == RunStatus.Completed && plan?.Kpis is { } kpis) Saved.Add(kpis.MinutesSaved, app);
    }
}
