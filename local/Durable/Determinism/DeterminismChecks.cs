namespace AiOs.Local.Durable.Determinism;

/// <summary>How an engine looks out for orchestrators that would not do the same again. Whatever is chosen, code that does something else than its
/// history and code that awaits what is not durable fail their instance.</summary>
public enum DeterminismChecks
{
    /// <summary>No more than that.</summary>
    Off,

    /// <summary>Also, before an execution starts: the orchestrator's code is read, with what it calls in its own assembly, for clocks, randomness, I/O and foreign tasks.</summary>
    Code,

    /// <summary>Also, after every turn: the whole history is replayed at once, and payloads and times must be the same too. For tests: its cost grows with the square of the history.</summary>
    Replay,
}
