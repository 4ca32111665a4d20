namespace AiOs.Local.Durable.Orchestrations;

/// <summary>An orchestrator did not do again what its history says it did, or left the durable context.</summary>
public sealed class NonDeterministicOrchestrationException(string message) : Exception(message)
{
    internal static NonDeterministicOrchestrationException Diverged(string name, string instanceId, int number, string expected, string came) => new(
        $"Orchestrator '{name}' (instance '{instanceId}') is not deterministic: its decision number {number} was {expected} when it first ran, and on replay it is {came}. "
        + "Take time from context.CurrentUtcDateTime, ids from context.NewGuid(), and everything else that varies from an activity; "
        + "if the code has changed since the instance started, give the new code a new version.");

    internal static NonDeterministicOrchestrationException LeftContext(string name, string instanceId) => new(
        $"Orchestrator '{name}' (instance '{instanceId}') awaited something that is not durable, or used its context on another thread. "
        + "Await only what its context gives: activities instead of I/O and Task.Run, context.CreateTimer instead of Task.Delay, context.WaitForExternalEvent instead of signals.");
}
