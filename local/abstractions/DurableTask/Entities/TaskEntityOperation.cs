namespace Microsoft.DurableTask.Entities;

/// <summary>One operation on an entity.</summary>
public abstract class TaskEntityOperation
{
    /// <summary>For engines.</summary>
    protected TaskEntityOperation()
    {
    }

    /// <summary>What is asked.</summary>
    public abstract string Name { get; }

    /// <summary>The entity and what it may start.</summary>
    public abstract TaskEntityContext Context { get; }

    /// <summary>The entity's state.</summary>
    public abstract TaskEntityState State { get; }

    /// <summary>Whether the caller gave an input.</summary>
    public abstract bool HasInput { get; }

    /// <summary>The input.</summary>
    public virtual T? GetInput<T>() => (T?)GetInput(typeof(T));

    /// <summary>The input.</summary>
    public abstract object? GetInput(Type inputType);

    /// <summary>Entity and operation, for messages.</summary>
    public override string ToString() => $"{Context.Id.Name}/{Name}";
}

/// <summary>What an entity knows and may start.</summary>
public abstract class TaskEntityContext
{
    /// <summary>For engines.</summary>
    protected TaskEntityContext()
    {
    }

    /// <summary>This entity.</summary>
    public abstract EntityInstanceId Id { get; }

    /// <summary>Signals another entity without input.</summary>
    public virtual void SignalEntity(EntityInstanceId id, string operationName, SignalEntityOptions options) => SignalEntity(id, operationName, input: null, options);

    /// <summary>Signals another entity.</summary>
    public abstract void SignalEntity(EntityInstanceId id, string operationName, object? input = null, SignalEntityOptions? options = null);

    /// <summary>Starts an orchestration without input; returns its id.</summary>
    public virtual string ScheduleNewOrchestration(TaskName name, StartOrchestrationOptions options) => ScheduleNewOrchestration(name, input: null, options);

    /// <summary>Starts an orchestration; returns its id.</summary>
    public abstract string ScheduleNewOrchestration(TaskName name, object? input = null, StartOrchestrationOptions? options = null);
}

/// <summary>The state of an entity within one operation.</summary>
public abstract class TaskEntityState
{
    /// <summary>For engines.</summary>
    protected TaskEntityState()
    {
    }

    /// <summary>Whether there is one.</summary>
    public abstract bool HasState { get; }

    /// <summary>The state, or <paramref name="defaultValue"/>.</summary>
    public virtual T? GetState<T>(T? defaultValue = default) => GetState(typeof(T)) is T state ? state : defaultValue;

    /// <summary>The state, or null.</summary>
    public abstract object? GetState(Type type);

    /// <summary>Sets the state; null deletes it.</summary>
    public abstract void SetState(object? state);
}
