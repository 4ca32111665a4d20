using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Durable;

/// <summary>
/// The registered tasks by name and version. A version asked for must be there; an unversioned task serves every version only while
/// its name has no version at all, so that nobody gets other code than they asked for.
/// </summary>
sealed class TaskCatalogue(DurableTaskRegistry registry)
{
    readonly Dictionary<(TaskName, TaskVersion), Func<IServiceProvider, ITaskOrchestrator>> orchestrators = new(registry.OrchestratorsByVersion);
    readonly Dictionary<(TaskName, TaskVersion), Func<IServiceProvider, ITaskActivity>> activities = new(registry.ActivitiesByVersion);
    readonly Dictionary<TaskName, Func<IServiceProvider, ITaskEntity>> entities = new(registry.EntitiesByName);
    readonly HashSet<TaskName> versionedOrchestrators = [.. registry.OrchestratorsByVersion.Keys.Where(k => k.Version.Version.Length > 0).Select(k => k.Name)];
    readonly HashSet<TaskName> versionedActivities = [.. registry.ActivitiesByVersion.Keys.Where(k => k.Version.Version.Length > 0).Select(k => k.Name)];

    public Func<IServiceProvider, ITaskOrchestrator>? Orchestrator(string name, string version) => Find(orchestrators, versionedOrchestrators, name, version);

    public Func<IServiceProvider, ITaskActivity>? Activity(string name, string version) => Find(activities, versionedActivities, name, version);

    public Func<IServiceProvider, ITaskEntity>? Entity(string name) => entities.GetValueOrDefault(new(name));

    static Func<IServiceProvider, T>? Find<T>(
        Dictionary<(TaskName, TaskVersion), Func<IServiceProvider, T>> tasks, HashSet<TaskName> versioned, string name, string version)
    {
        var task = new TaskName(name);
        return tasks.TryGetValue((task, new(version)), out var exact) ? exact
            : version.Length > 0 && !versioned.Contains(task) ? tasks.GetValueOrDefault((task, default))
            : null;
    }

    /// <summary>How a call of a task that is not registered fails; trying again cannot help.</summary>
    public static Failure Missing(string kind, string name, string version) => new(
        $"{char.ToUpperInvariant(kind[0])}{kind[1..]}TaskNotFound",
        version.Length == 0 ? $"No {kind} task named '{name}' was found." : $"No {kind} task named '{name}' with version '{version}' was found.",
        Final: true);
}
