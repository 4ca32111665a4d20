using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Hands an entity function's operation to what implements the entity.</summary>
public sealed class TaskEntityDispatcher
{
    readonly TaskEntityOperation operation;
    readonly IServiceProvider services;

    internal TaskEntityDispatcher(TaskEntityOperation operation, IServiceProvider services)
    {
        this.operation = operation;
        this.services = services;
    }

    /// <summary>What the operation returned.</summary>
    internal object? Result { get; private set; }

    /// <summary>To an entity object.</summary>
    public async Task DispatchAsync(ITaskEntity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        Result = await entity.RunAsync(operation);
    }

    /// <summary>To an entity class made from services, or, when <typeparamref name="T"/> is none, to the state of that type.</summary>
    public Task DispatchAsync<T>() => DispatchAsync(
        typeof(ITaskEntity).IsAssignableFrom(typeof(T)) ? (ITaskEntity)ActivatorUtilities.GetServiceOrCreateInstance<T>(services)! : new StateEntity<T>());

    /// <summary>To a function.</summary>
    public Task DispatchAsync(Func<TaskEntityOperation, ValueTask<object?>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return DispatchAsync(new FunctionEntity(handler));
    }

    sealed class StateEntity<T> : TaskEntity<T>
    {
        protected override bool AllowStateDispatch => true;
    }

    sealed class FunctionEntity(Func<TaskEntityOperation, ValueTask<object?>> handler) : ITaskEntity
    {
        public ValueTask<object?> RunAsync(TaskEntityOperation operation) => handler(operation);
    }
}
