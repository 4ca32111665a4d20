namespace Microsoft.DurableTask.Entities;

/// <summary>An entity as the engine runs it.</summary>
public interface ITaskEntity
{
    /// <summary>Runs one operation.</summary>
    ValueTask<object?> RunAsync(TaskEntityOperation operation);
}

/// <summary>Base of class-based entities: an operation runs the public method of its name (case does not matter), and <c>delete</c> is there unless overridden.</summary>
public abstract class TaskEntity<TState> : ITaskEntity
{
    /// <summary>For derived classes.</summary>
    protected TaskEntity()
    {
    }

    /// <summary>Whether methods of the state are operations too.</summary>
    protected virtual bool AllowStateDispatch => false;

    /// <summary>The state; stored when the operation ends well, null deletes the entity.</summary>
    protected TState State { get; set; } = default!;

    /// <summary>The entity and what it may start.</summary>
    protected TaskEntityContext Context { get; private set; } = null!;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Nothing answers to the operation's name.</exception>
    public ValueTask<object?> RunAsync(TaskEntityOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        Context = operation.Context;
        State = operation.State.GetState(typeof(TState)) is { } stored ? (TState)stored : InitializeState(operation);
        if (EntityMethod.Find(operation, this) is { } own)
            return RunAsync(operation, own);
        if (AllowStateDispatch)
        {
            if (State is null)
                throw new InvalidOperationException($"The entity has no state to dispatch '{operation}' to.");
            if (EntityMethod.Find(operation, State) is { } ofState)
                return RunAsync(operation, ofState);
        }
        if (!string.Equals(operation.Name, "delete", StringComparison.OrdinalIgnoreCase))
            throw new NotSupportedException($"No method of the entity answers to '{operation}'.");
        operation.State.SetState(null);
        return default;
    }

    /// <summary>The state of an entity that has none; the type's parameterless constructor unless overridden.</summary>
    protected virtual TState InitializeState(TaskEntityOperation entityOperation) =>
        (TState)Activator.CreateInstance(Nullable.GetUnderlyingType(typeof(TState)) ?? typeof(TState))!;

    async ValueTask<object?> RunAsync(TaskEntityOperation operation, EntityMethod method)
    {
        var result = await method.InvokeAsync(operation);
        operation.State.SetState(State);
        return result;
    }
}
