using System.Globalization;
using AiOs.Local.Durable.Determinism;
using AiOs.Local.Durable.Histories;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>An orchestrator did not do again what its history says it did, left the durable context, or has code that would.</summary>
public sealed class NonDeterministicOrchestrationException : Exception
{
    NonDeterministicOrchestrationException(string name, string instanceId, EventPlace place, string expected, string came, string instead)
        : base(string.Create(CultureInfo.InvariantCulture, $"Orchestrator '{name}' (instance '{instanceId}') is not deterministic at event {place.Number}, {place.InWords}. Expected: {expected}. Came: {came}. {instead}"))
    {
        (Event, Expected, Came) = (place.Number, expected, came);
    }

    /// <summary>The event's number in the instance's history, from 1, what was consumed and what was decided counted together.</summary>
    public int Event { get; }

    /// <summary>What the history says, or what an orchestrator has to do.</summary>
    public string Expected { get; }

    /// <summary>What came instead.</summary>
    public string Came { get; }

    internal static NonDeterministicOrchestrationException Diverged(string name, string instanceId, EventPlace place, string expected, string came) => new(
        name, instanceId, place, $"{expected}, as when it first ran", $"{came}, on replay",
        "Take time from context.CurrentUtcDateTime, ids from context.NewGuid(), and everything else that varies from an activity; "
        + "if the code has changed since the instance started, give the new code a new version.");

    internal static NonDeterministicOrchestrationException LeftContext(string name, string instanceId, EventPlace place, string came) => new(
        name, instanceId, place, "that it awaits only tasks of its context, on its own thread", $"{came}: it awaited something that is not durable, or used its context on another thread",
        "Use activities instead of I/O, HttpClient and Task.Run, context.CreateTimer instead of Task.Delay and timed cancellation, context.WaitForExternalEvent instead of signals.");

    internal static NonDeterministicOrchestrationException Forbidden(string name, string instanceId, Offence offence) => new(
        name, instanceId, new(1, "the start"), "code that does the same at every replay", $"{offence.Where} calls {offence.Call}",
        $"Use {offence.Instead} instead. ({nameof(DurableEngineOptions)}.{nameof(DurableEngineOptions.Determinism)} = {nameof(DeterminismChecks.Off)}, in the embedded host the setting AIOS_DETERMINISM=off, skips this check.)");
}

/// <summary>A place in a history.</summary>
readonly record struct EventPlace(int Number, string InWords)
{
    /// <summary>A decision of the event with that number.</summary>
    public static EventPlace Decision(int number, int decision) => new(number, string.Create(CultureInfo.InvariantCulture, $"decision number {decision}"));

    /// <summary>Something that happened.</summary>
    public static EventPlace Of(int number, HistoryEvent? happened) => new(number, happened is null ? "before the start" : EventWords.Of(happened));
}
