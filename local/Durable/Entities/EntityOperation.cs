using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Durable.Entities;

/// <summary>One operation, as the entity sees it.</summary>
sealed class EntityOperation(OperationRequested request, EntityState state, EntityContext context, DataConverter converter) : TaskEntityOperation
{
    public override string Name => request.Operation;

    public override TaskEntityContext Context => context;

    public override TaskEntityState State => state;

    public override bool HasInput => request.Input is not null;

    public override object? GetInput(Type inputType) => converter.Deserialize(request.Input, inputType);
}

/// <summary>What an operation may send. It leaves when the operation's state is on disk.</summary>
sealed class EntityContext(EntityInstanceId id, List<EntityAction> actions, DurableEngine engine) : TaskEntityContext
{
    public override EntityInstanceId Id => id;

    public override void SignalEntity(EntityInstanceId id, string operationName, object? input = null, SignalEntityOptions? options = null)
    {
        if (id == default)
            throw new ArgumentException("An entity id is needed.", nameof(id));
        actions.Add(new SignalSent(id.ToString(), operationName, Text(input), options?.SignalTime?.UtcTicks));
    }

    public override string ScheduleNewOrchestration(TaskName name, object? input = null, StartOrchestrationOptions? options = null)
    {
        Limits.RequireName(name, nameof(name));
        var instanceId = Limits.InstanceId(options?.InstanceId ?? Limits.NewInstanceId());
        actions.Add(new OrchestrationStarted(
            instanceId, name.Name, options?.Version is { } version ? version.Version : engine.Options.DefaultVersion, Text(input), options?.StartAt?.UtcTicks, options?.Tags ?? new Dictionary<string, string>(StringComparer.Ordinal)));
        return instanceId;
    }

    string? Text(object? input) => engine.Limits.Payload(engine.Options.DataConverter.Serialize(input), nameof(input));
}
