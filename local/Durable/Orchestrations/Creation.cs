using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>
/// A new instance that is written together with its first turn, so that a start costs one fsync. Its caller is told when both are on
/// disk; until then nobody else knows of it.
/// </summary>
/// <param name="row">The instance.</param>
/// <param name="makeRoom">Removes what gives way to it and returns its key, or throws <see cref="RefusedException"/>.</param>
sealed class Creation(InstanceRow row, Func<Tables, Outbox, long?> makeRoom, DurableEngine engine)
{
    readonly TaskCompletionSource<string> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Exception? refusal;
    long? replaced;

    public InstanceRow Row => row;

    /// <summary>The id, once it is on disk.</summary>
    public Task<string> Answer => answer.Task;

    /// <summary>Writes the row; false when it must not be made.</summary>
    public bool Apply(Tables tables, Outbox outbox)
    {
        (refusal, replaced) = (null, null);
        try
        {
            replaced = makeRoom(tables, outbox);
        }
        catch (RefusedException refused)
        {
            refusal = refused.InnerException;
            return false;
        }
        tables.Insert(row);
        return true;
    }

    public void Committed()
    {
        if (refusal is not null)
        {
            answer.TrySetException(refusal);
            return;
        }
        if (replaced is { } key)
            engine.Orchestrations.Remove(key);
        answer.TrySetResult(row.Id);
    }

    public void Failed(Exception reason) => answer.TrySetException(reason);
}
