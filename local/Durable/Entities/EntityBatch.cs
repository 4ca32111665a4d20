using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Durable.Entities;

/// <summary>The operations of one turn of an entity: what they read, what they left behind, what they sent.</summary>
sealed class EntityBatch(EntityRow row, DurableEngine engine) : IAsyncDisposable
{
    readonly EntityInstanceId id = EntityInstanceId.FromString(row.Id);
    readonly EntityState state = new(row.State, engine.Options.DataConverter, engine.Limits);
    AsyncServiceScope? scope;
    ITaskEntity? entity;

    /// <summary>Numbers of the messages that are worked off.</summary>
    public List<long> Consumed { get; } = [];

    /// <summary>Answers for orchestrations that called.</summary>
    public List<(Caller Caller, string? Result, Failure? Failure)> Replies { get; } = [];

    /// <summary>Lock requests that this entity granted: they go on to the next one, or back to who asked.</summary>
    public List<LockRequested> Granted { get; } = [];

    /// <summary>What operations sent.</summary>
    public List<EntityAction> Actions { get; } = [];

    /// <summary>The orchestration that holds the lock.</summary>
    public string? LockedBy { get; private set; } = row.LockedBy;

    /// <summary>The state after the last operation; null when there is none.</summary>
    public string? State => state.Text;

    /// <summary>Whether a message may be worked off now: all while there is no lock, otherwise only the owner's.</summary>
    public bool Admits(EntityMessage message) => LockedBy is null || message switch
    {
        OperationRequested operation => operation.Caller?.InstanceId == LockedBy,
        LockReleased => true,
        _ => false,
    };

    public async Task TakeAsync(Mail<EntityMessage> mail)
    {
        Consumed.Add(mail.Number);
        switch (mail.Message)
        {
            case OperationRequested operation:
                await OperateAsync(operation);
                break;
            case LockRequested request:
                LockedBy = request.Caller.InstanceId;
                Granted.Add(request);
                break;
            case LockReleased release when release.Owner == LockedBy:
                LockedBy = null;
                break;
        }
    }

    async Task OperateAsync(OperationRequested request)
    {
        var (before, sent) = (state.Text, Actions.Count);
        string? result = null;
        Failure? failure = null;
        try
        {
            entity ??= Make();
            if (entity is null)
                failure = TaskCatalogue.Missing("entity", id.Name, "");
            else
                result = await RunAsync(entity, request);
        }
        catch (Exception exception)
        {
            // An operation is all or nothing: its state and what it sent go with it.
            engine.Log.OperationFailed(exception, request.Operation, row.Id);
            failure = Failure.From(exception);
            state.Restore(before);
            Actions.RemoveRange(sent, Actions.Count - sent);
        }
        if (request.Caller is { } caller)
            Replies.Add((caller, result, failure));
    }

    async Task<string?> RunAsync(ITaskEntity made, OperationRequested request)
    {
        var converter = engine.Options.DataConverter;
        var output = await made.RunAsync(new EntityOperation(request, state, new EntityContext(id, Actions, engine), converter));
        return engine.Limits.Payload(converter.Serialize(output), "result");
    }

    ITaskEntity? Make()
    {
        if (engine.Tasks.Entity(id.Name) is not { } factory)
            return null;
        scope ??= engine.Services.CreateAsyncScope();
        return factory(scope.Value.ServiceProvider);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => scope?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>What an operation sent: a signal, or an orchestration to start.</summary>
abstract record EntityAction;

sealed record SignalSent(string EntityId, string Operation, string? Input, long? Due) : EntityAction;

sealed record OrchestrationStarted(string InstanceId, string Name, string Version, string? Input, long? StartAt, IReadOnlyDictionary<string, string> Tags) : EntityAction;
