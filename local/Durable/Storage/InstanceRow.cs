using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Storage;

/// <summary>The orchestration that waits for a sub-orchestration.</summary>
sealed record ParentRow(long Key, int TaskId, string InstanceId, string Name);

/// <summary>One orchestration instance, as stored. Times are UTC ticks; tags and failure are JSON.</summary>
sealed record InstanceRow
{
    public required long Key { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    public required OrchestrationRuntimeStatus Status { get; init; }

    public required long Created { get; init; }

    public long? Completed { get; init; }

    public int Generation { get; init; }

    public ParentRow? Parent { get; init; }

    public string? Tags { get; init; }

    public string? CustomStatus { get; init; }

    public string? Failure { get; init; }

    public string? Input { get; init; }

    public string? Output { get; init; }

    /// <summary>Completed, failed or terminated.</summary>
    public bool IsOver => IsTerminal(Status);

    public static bool IsTerminal(OrchestrationRuntimeStatus status) =>
        status is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated;
}

/// <summary>A message in an inbox. Orchestrations and entities read different kinds.</summary>
readonly record struct InboxRow(long Number, byte[] Message)
{
    public HistoryEvent Event => HistoryCodec.Event(Message);

    public EntityMessage EntityMessage => HistoryCodec.EntityMessage(Message);
}

/// <summary>One entity, as stored.</summary>
sealed record EntityRow(long Key, string Id, string? State, string? LockedBy, long Updated);
