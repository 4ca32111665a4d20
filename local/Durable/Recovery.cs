using AiOs.Local.Durable.Activities;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Durable;

/// <summary>Finds the activities that have no answer. Their rows name only instance and number; what they are stands in the histories.</summary>
static class Recovery
{
    public static async Task<List<ActivityWork>> ReadAsync(DurableStore store, List<long> tasks, CancellationToken cancellationToken)
    {
        var found = new List<ActivityWork>(tasks.Count);
        foreach (var chunk in tasks.GroupBy(Schema.InstanceOf).Chunk(500))
            found.AddRange(await store.ReadAsync(database => chunk.SelectMany(group => Of(database, group.Key, group)).ToList(), cancellationToken));
        return found;
    }

    static IEnumerable<ActivityWork> Of(Sqlite database, long key, IEnumerable<long> rows)
    {
        if (Queries.Instance(database, key) is not { } instance)
            return [];
        var wanted = rows.Select(Schema.NumberOf).ToHashSet();
        return Queries.History(database, key)
            .SelectMany(h => h.Batch.Decided)
            .OfType<TaskScheduled>()
            .Where(task => wanted.Contains(task.TaskId))
            .Select(task => new ActivityWork(key, instance.Id, task.TaskId, task.Name, task.Version ?? "", task.Input));
    }
}
