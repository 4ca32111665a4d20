using AiOs.Models.Protocol;

namespace AiOs.Inference.Batching;

/// <summary>One request on its way through a model. It is waiting until either its caller abandons it or the owner of the queue takes it; exactly one of the two happens.</summary>
/// <param name="rows">Rows (sentences) in it.</param>
/// <param name="length">The length of its longest row in tokens; the cost of a batch is its rows times its longest.</param>
abstract class Work(int rows, int length)
{
    const int Waiting = 0, Taken = 1, Abandoned = 2;
    readonly TaskCompletionSource<Tensor[]> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int state;

    public int Rows { get; } = rows;

    public int Length { get; } = length;

    /// <summary>Timestamp of its arrival.</summary>
    public long Arrived { get; set; }

    /// <summary>Timestamp after which the caller does not wait any more; 0 where it waits for ever.</summary>
    public long Deadline { get; set; }

    /// <summary>What it waited for a batch.</summary>
    public TimeSpan Queued { get; set; }

    /// <summary>Rows in the batch that it ran in.</summary>
    public int BatchRows { get; set; }

    /// <summary>The outputs of the model for this request alone.</summary>
    public Task<Tensor[]> Outcome => outcome.Task;

    /// <summary>Whether it is still wanted; from now on it runs.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref state, Taken, Waiting) == Waiting;

    /// <summary>The caller has gone; false where it runs already.</summary>
    public bool TryAbandon(Exception reason) => Interlocked.CompareExchange(ref state, Abandoned, Waiting) == Waiting && outcome.TrySetException(reason);

    public void Complete(Tensor[] outputs) => outcome.TrySetResult(outputs);

    public void Fail(Exception reason) => outcome.TrySetException(reason);
}
