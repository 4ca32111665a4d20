namespace Microsoft.DurableTask;

/// <summary>How an orchestration starts over.</summary>
public class ContinueAsNewOptions
{
    /// <summary>The next generation's input.</summary>
    public object? NewInput { get; set; }

    /// <summary>Whether events that nobody awaited yet go along.</summary>
    public bool PreserveUnprocessedEvents { get; set; } = true;

    /// <summary>The next generation's version; null keeps the present one.</summary>
    public string? NewVersion { get; set; }
}

/// <summary>The orchestration that called this one.</summary>
/// <param name="Name">Its orchestrator.</param>
/// <param name="InstanceId">Its instance.</param>
public record ParentOrchestrationInstance(TaskName Name, string InstanceId);
