using AiOs.Local.Durable.Determinism;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Converters;

namespace AiOs.Local.Durable;

/// <summary>How a <see cref="DurableEngine"/> works. Validated when the engine is made.</summary>
public sealed record DurableEngineOptions
{
    /// <summary>The database file, made when missing; null keeps everything in memory.</summary>
    public string? Path { get; init; }

    /// <summary>How inputs, outputs, events and states become text.</summary>
    public DataConverter DataConverter { get; init; } = JsonDataConverter.Default;

    /// <summary>The clock of timers, deadlines and time stamps.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Activities at once.</summary>
    public int MaxConcurrentActivities { get; init; } = 100 * Environment.ProcessorCount;

    /// <summary>Orchestrators at once; one that only waits does not count.</summary>
    public int MaxConcurrentOrchestrations { get; init; } = 100 * Environment.ProcessorCount;

    /// <summary>Entities at once.</summary>
    public int MaxConcurrentEntities { get; init; } = 100 * Environment.ProcessorCount;

    /// <summary>Waiting instances that are kept in memory so that their next step needs no replay; 0 replays at every step.</summary>
    public int WarmInstances { get; init; } = 10_000;

    /// <summary>How long a stop waits for running activities.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes (UTF-8) of one input, output, event or state.</summary>
    public int MaxPayloadBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Bytes (UTF-16, as Azure counts) of a custom status.</summary>
    public int MaxCustomStatusBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Version of orchestrations that are scheduled without one.</summary>
    public string DefaultVersion { get; init; } = "";

    /// <summary>Name of the client.</summary>
    public string Name { get; init; } = "";

    /// <summary>How orchestrators that would not do the same again are found out.</summary>
    public DeterminismChecks Determinism { get; init; } = DeterminismChecks.Code;

    internal void Validate()
    {
        Require(DataConverter is not null, nameof(DataConverter));
        Require(TimeProvider is not null, nameof(TimeProvider));
        Require(MaxConcurrentActivities > 0, nameof(MaxConcurrentActivities));
        Require(MaxConcurrentOrchestrations > 0, nameof(MaxConcurrentOrchestrations));
        Require(MaxConcurrentEntities > 0, nameof(MaxConcurrentEntities));
        Require(WarmInstances >= 0, nameof(WarmInstances));
        Require(DrainTime >= TimeSpan.Zero, nameof(DrainTime));
        Require(MaxPayloadBytes > 0, nameof(MaxPayloadBytes));
        Require(MaxCustomStatusBytes > 0, nameof(MaxCustomStatusBytes));
    }

    static void Require(bool holds, string option)
    {
        if (!holds)
            throw new InvalidOperationException($"The durable engine's option {option} must be set, and positive where it is a number.");
    }
}
