namespace Microsoft.DurableTask.Entities;

/// <summary>How an entity is called; nothing to choose yet.</summary>
public record CallEntityOptions;

/// <summary>How an entity is signalled.</summary>
public record SignalEntityOptions
{
    /// <summary>When the signal is delivered; null for now.</summary>
    public DateTimeOffset? SignalTime { get; init; }

    /// <summary>True gives defaults, anything else null.</summary>
    public static implicit operator SignalEntityOptions?(bool? value) => value is true ? new() : null;

    /// <summary>Delivery at a time.</summary>
    public static implicit operator SignalEntityOptions(DateTimeOffset value) => new() { SignalTime = value };
}

/// <summary>An entity's operation failed.</summary>
public sealed class EntityOperationFailedException : Exception
{
    /// <summary>With what was stored about the failure.</summary>
    public EntityOperationFailedException(EntityInstanceId entityId, string operationName, TaskFailureDetails failureDetails)
        : base($"Operation '{operationName}' of entity '{entityId}' failed: {failureDetails?.ErrorMessage}")
    {
        EntityId = entityId;
        OperationName = operationName;
        FailureDetails = failureDetails!;
    }

    /// <summary>The entity.</summary>
    public EntityInstanceId EntityId { get; }

    /// <summary>The operation.</summary>
    public string OperationName { get; }

    /// <summary>Why.</summary>
    public TaskFailureDetails FailureDetails { get; }
}
