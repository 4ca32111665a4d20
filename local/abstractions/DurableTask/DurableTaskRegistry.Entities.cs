using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.DurableTask;

public sealed partial class DurableTaskRegistry
{
    /// <summary>Adds an entity that is made per batch of operations.</summary>
    public DurableTaskRegistry AddEntity(TaskName name, Func<IServiceProvider, ITaskEntity> factory)
    {
        Add(entities, name, name, factory);
        return this;
    }

    /// <summary>Adds an entity class, made from the services at hand.</summary>
    public DurableTaskRegistry AddEntity(TaskName name, Type type)
    {
        RequireConcrete<ITaskEntity>(type);
        return AddEntity(name, services => (ITaskEntity)ActivatorUtilities.CreateInstance(services, type));
    }

    /// <summary>Adds an entity class under its own name.</summary>
    public DurableTaskRegistry AddEntity(Type type) => AddEntity(DurableTaskAttribute.NameOf(type), type);

    /// <summary>Adds an entity class.</summary>
    public DurableTaskRegistry AddEntity<TEntity>(TaskName name) where TEntity : class, ITaskEntity => AddEntity(name, typeof(TEntity));

    /// <summary>Adds an entity class under its own name.</summary>
    public DurableTaskRegistry AddEntity<TEntity>() where TEntity : class, ITaskEntity => AddEntity(typeof(TEntity));

    /// <summary>Adds one entity object.</summary>
    public DurableTaskRegistry AddEntity(TaskName name, ITaskEntity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return AddEntity(name, _ => entity);
    }

    /// <summary>Adds one entity object under its class's name.</summary>
    public DurableTaskRegistry AddEntity(ITaskEntity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return AddEntity(DurableTaskAttribute.NameOf(entity.GetType()), entity);
    }
}
