using AiOs.Local.Durable.Activities;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Orchestrations;
using AiOs.Local.Durable.Storage;
using AiOs.Local.Durable.Timers;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable;

/// <summary>What one change sends out. Each piece is written with the change, and delivered in memory once the change is on disk.</summary>
sealed class Outbox(DurableEngine engine)
{
    readonly List<ActivityWork> activities = [];
    readonly List<(long Key, Mail<HistoryEvent> Mail, InstanceRow? Newcomer)> mail = [];
    readonly List<(long Key, Mail<EntityMessage> Mail)> entityMail = [];
    readonly List<Alarm> alarms = [];
    readonly List<Alarm> cancelled = [];

    /// <summary>An activity whose row is written.</summary>
    public void Start(ActivityWork work) => activities.Add(work);

    /// <summary>A message to an orchestration.</summary>
    public void Post(Tables tables, long target, HistoryEvent message, InstanceRow? newcomer = null, long? due = null)
    {
        var number = tables.Post(target, due, HistoryCodec.Write(message));
        if (due is { } time)
            alarms.Add(Alarm.ForMessage(time, target, number));
        else
            mail.Add((target, new(number, message), newcomer));
    }

    /// <summary>A message to an orchestration, if it is there and not over; says whether it was.</summary>
    public bool PostIfRunning(Tables tables, string instanceId, HistoryEvent message)
    {
        if (tables.Find(instanceId) is not { } found || InstanceRow.IsTerminal(found.Status))
            return false;
        Post(tables, found.Key, message);
        return true;
    }

    /// <inheritdoc cref="PostIfRunning(Tables, string, HistoryEvent)"/>
    public bool PostIfRunning(Tables tables, long key, HistoryEvent message)
    {
        if (tables.StatusOf(key) is not { } status || InstanceRow.IsTerminal(status))
            return false;
        Post(tables, key, message);
        return true;
    }

    /// <summary>A message to an entity, which need not exist.</summary>
    public void Post(Tables tables, string entityId, EntityMessage message, long? due, long now)
    {
        var key = tables.Entity(entityId, now);
        due = due is { } wanted && wanted > now ? Alarm.Floor(wanted) : null;
        var number = tables.Post(key, due, HistoryCodec.Write(message));
        if (due is { } time)
            alarms.Add(Alarm.ForMessage(time, key, number));
        else
            entityMail.Add((key, new(number, message)));
    }

    /// <summary>A new instance, which starts at <paramref name="startAt"/> or at once.</summary>
    public void Create(Tables tables, InstanceRow row, long? startAt)
    {
        tables.Insert(row);
        Post(tables, row.Key, new ExecutionStarted(0), row, startAt is { } time && time > row.Created ? Alarm.Floor(time) : null);
    }

    /// <summary>A sub-orchestration. An earlier instance of that id gives way when it is over; otherwise the call fails.</summary>
    public void StartChild(Tables tables, InstanceRow parent, SubOrchestrationScheduled child, long now)
    {
        if (tables.Find(child.InstanceId) is { } known)
        {
            if (!InstanceRow.IsTerminal(known.Status))
            {
                Post(tables, parent.Key, new SubOrchestrationFailed(child.TaskId, new Failure(
                    "OrchestrationAlreadyExists", $"An orchestration with the instance id '{child.InstanceId}' is already {known.Status}.", Final: true)));
                return;
            }
            tables.Delete(known.Key);
        }
        var row = new InstanceRow
        {
            Key = tables.NextKey(entity: false),
            Id = child.InstanceId,
            Name = child.Name,
            Version = child.Version,
            Status = OrchestrationRuntimeStatus.Pending,
            Created = now,
            Parent = new(parent.Key, child.TaskId, parent.Id, parent.Name),
            Tags = HistoryCodec.Write(child.Tags),
            Input = child.Input,
        };
        Create(tables, row, startAt: null);
    }

    public void SetTimer(Tables tables, long fireAt, long key, int task)
    {
        var due = Alarm.Floor(fireAt);
        tables.InsertTimer(due, key, task);
        alarms.Add(Alarm.ForTask(due, key, task));
    }

    public void DropTimer(Tables tables, long fireAt, long key, int task)
    {
        var due = Alarm.Floor(fireAt);
        tables.DeleteTimer(due, key, task);
        cancelled.Add(Alarm.ForTask(due, key, task));
    }

    /// <summary>Delivers. Called once, when everything is on disk.</summary>
    public void Send()
    {
        foreach (var work in activities)
            engine.Activities.Start(work);
        foreach (var (key, letter, newcomer) in mail)
            if (newcomer is null)
                engine.Orchestrations.Deliver(key, letter);
            else
                engine.Orchestrations.Admit(new OrchestrationInstance(newcomer, engine), letter);
        foreach (var (key, letter) in entityMail)
            engine.Entities.Deliver(key, letter);
        if (alarms.Count > 0)
            engine.Timers.Set(alarms);
        foreach (var alarm in cancelled)
            engine.Timers.Cancel(alarm);
    }
}
