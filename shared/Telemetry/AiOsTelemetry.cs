using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiOs.Telemetry;

/// <summary>The one <see cref="ActivitySource"/>, the one <see cref="Meter"/> and the names of everything they emit.</summary>
public static class AiOsTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "AiOs";

    /// <summary>Where every span of the OS starts.</summary>
    public static readonly ActivitySource Source = new(Name);

    /// <summary>Where every metric of the OS is recorded.</summary>
    public static readonly Meter Meter = new(Name);

    /// <summary>The span that a W3C traceparent names; none where it is absent or not valid.</summary>
    public static ActivityContext Parent(string? traceParent) => ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent) ? parent : default;
}
