using Microsoft.DurableTask.Entities;

namespace Microsoft.DurableTask;

/// <summary>The orchestrators, activities and entities that a worker can run. A name (and version) is added once.</summary>
public sealed partial class DurableTaskRegistry
{
    readonly Dictionary<(TaskName Name, TaskVersion Version), Func<IServiceProvider, ITaskOrchestrator>> orchestrators = [];
    readonly Dictionary<(TaskName Name, TaskVersion Version), Func<IServiceProvider, ITaskActivity>> activities = [];
    readonly Dictionary<TaskName, Func<IServiceProvider, ITaskEntity>> entities = [];

    /// <summary>Orchestrators by name and version, for the engine.</summary>
    internal IReadOnlyDictionary<(TaskName Name, TaskVersion Version), Func<IServiceProvider, ITaskOrchestrator>> OrchestratorsByVersion => orchestrators;

    /// <summary>Activities by name and version, for the engine.</summary>
    internal IReadOnlyDictionary<(TaskName Name, TaskVersion Version), Func<IServiceProvider, ITaskActivity>> ActivitiesByVersion => activities;

    /// <summary>Entities by name, for the engine.</summary>
    internal IReadOnlyDictionary<TaskName, Func<IServiceProvider, ITaskEntity>> EntitiesByName => entities;

    /// <summary>All orchestrators.</summary>
    public IEnumerable<KeyValuePair<TaskName, Func<IServiceProvider, ITaskOrchestrator>>> GetOrchestrators() =>
        orchestrators.Select(o => KeyValuePair.Create(o.Key.Name, o.Value));

    /// <summary>All activities.</summary>
    public IEnumerable<KeyValuePair<TaskName, Func<IServiceProvider, ITaskActivity>>> GetActivities() =>
        activities.Select(a => KeyValuePair.Create(a.Key.Name, a.Value));

    /// <summary>All entities.</summary>
    public IEnumerable<KeyValuePair<TaskName, Func<IServiceProvider, ITaskEntity>>> GetEntities() => entities.Select(e => e);

    static void Add<TKey, TTask>(Dictionary<TKey, Func<IServiceProvider, TTask>> tasks, TKey key, TaskName name, Func<IServiceProvider, TTask> factory)
        where TKey : notnull
    {
        if (name == default)
            throw new ArgumentException("A task needs a name.", nameof(name));
        ArgumentNullException.ThrowIfNull(factory);
        if (!tasks.TryAdd(key, factory))
            throw new ArgumentException($"An {typeof(TTask).Name} named '{name}' is already added.", nameof(name));
    }

    static void RequireConcrete<TTask>(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type.IsAbstract || !typeof(TTask).IsAssignableFrom(type))
            throw new ArgumentException($"'{type}' is not a concrete {typeof(TTask).Name}.", nameof(type));
    }
}
