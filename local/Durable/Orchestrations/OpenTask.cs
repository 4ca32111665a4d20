using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>A decision that waits for its answer.</summary>
abstract class OpenTask
{
    public required int Id { get; init; }

    /// <summary>The activity's, orchestrator's or operation's name.</summary>
    public required string Name { get; init; }

    /// <summary>When it is a timer, when it fires: UTC ticks.</summary>
    public long? FireAt { get; init; }

    /// <summary>When it is a sub-orchestration, its instance id.</summary>
    public string? ChildId { get; init; }

    /// <summary>Whether the orchestration stays open for it, as it does for activities, timers and sub-orchestrations.</summary>
    public bool Holds { get; init; } = true;

    public abstract void Complete(string? result);

    public abstract void Fail(Exception failure);
}

/// <inheritdoc cref="OpenTask"/>
sealed class OpenTask<T>(DataConverter converter) : OpenTask
{
    readonly TaskCompletionSource<T> answer = new();

    public Task<T> Answer => answer.Task;

    public override void Complete(string? result)
    {
        T value;
        try
        {
            value = converter.Deserialize(result, typeof(T)) is T read ? read : default!;
        }
        catch (Exception mismatch)
        {
            answer.TrySetException(mismatch);
            return;
        }
        answer.TrySetResult(value);
    }

    public override void Fail(Exception failure) => answer.TrySetException(failure);

    public bool Cancel(CancellationToken cancellationToken) => answer.TrySetCanceled(cancellationToken);
}
