namespace AiOs.Local.Durable.Storage;

/// <summary>A caller's change: its task completes when the rows are on disk, and <paramref name="then"/> begins their effects before it does.</summary>
sealed class Request<T>(Func<Tables, T> apply, Action<T>? then = null) : IWrite
{
    readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    T result = default!;
    Exception? refusal;

    public Task<T> Answer => answer.Task;

    public bool Waits => false;

    public bool Settles { get; init; }

    public bool Reads { get; init; }

    public void Apply(Tables tables)
    {
        refusal = null;
        try
        {
            result = apply(tables);
        }
        catch (RefusedException refused)
        {
            refusal = refused.InnerException;
        }
    }

    public void Committed()
    {
        if (refusal is not null)
        {
            answer.TrySetException(refusal);
            return;
        }
        then?.Invoke(result);
        answer.TrySetResult(result);
    }

    public void Failed(Exception reason) => answer.TrySetException(reason);
}

/// <summary>A change that must not be made, thrown before its first row; the caller gets <paramref name="why"/>.</summary>
sealed class RefusedException(Exception why) : Exception(why.Message, why);
