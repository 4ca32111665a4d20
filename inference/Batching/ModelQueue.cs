using System.Collections.Concurrent;
using System.Threading.Channels;
using AiOs.Inference.Layouts;
using AiOs.Inference.Metrics;
using AiOs.Models.Protocol;

namespace AiOs.Inference.Batching;

/// <summary>How a model batches.</summary>
/// <param name="MaxTokens">A batch costs at most so many tokens, padding included; a single request may cost more and then runs alone.</param>
/// <param name="MaxRows">A batch has at most so many rows.</param>
/// <param name="MaxDelay">How long an idle instance waits for a batch to fill.</param>
/// <param name="Instances">Threads that run batches at the same time.</param>
/// <param name="QueueSize">Requests that may wait; one more is told to come again.</param>
sealed record Batching(int MaxTokens, int MaxRows, TimeSpan MaxDelay, int Instances, int QueueSize);

/// <summary>What waits for one version of a model. One owner reads the bounded channel: when an instance is free it takes what is waiting as a wave, sorts the wave by length, and cuts batches from it,
/// so that little padding is wasted and nobody waits for more than the wave before. Each instance is a thread of its own.</summary>
sealed class ModelQueue : IAsyncDisposable
{
    readonly Channel<Work> arrivals;
    readonly BlockingCollection<List<Work>> batches = [];
    readonly SemaphoreSlim free;
    readonly ILayout layout;
    readonly Batching batching;
    readonly ModelMetrics metrics;
    readonly TimeProvider clock;
    readonly Thread[] instances;
    readonly Task owner;
    readonly List<Work> wave = [];
    int waiting;
    volatile bool closed;

    public ModelQueue(ILayout layout, Batching batching, ModelMetrics metrics, TimeProvider clock, Func<Runner> runners)
    {
        (this.layout, this.batching, this.metrics, this.clock) = (layout, batching, metrics, clock);
        // Abandoned work stays in the channel until the owner meets it, so the channel is larger than the queue.
        arrivals = Channel.CreateBounded<Work>(new BoundedChannelOptions(2 * batching.QueueSize) { SingleReader = true });
        free = new(batching.Instances);
        instances = [.. Enumerable.Range(0, batching.Instances).Select(number => new Thread(() => Serve(runners())) { IsBackground = true, Name = $"instance {number}" })];
        foreach (var instance in instances)
            instance.Start();
        owner = Task.Run(OwnAsync);
    }

    /// <summary>Requests that wait now.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Puts work in line.</summary>
    /// <returns>False where the queue is closed: its version is being replaced.</returns>
    /// <exception cref="ProtocolException">The queue is full.</exception>
    public bool TryEnter(Work work)
    {
        work.Arrived = clock.GetTimestamp();
        metrics.Waiting(1);
        if (Interlocked.Increment(ref waiting) <= batching.QueueSize && arrivals.Writer.TryWrite(work))
            return true;
        Left();
        if (arrivals.Reader.Completion.IsCompleted || closed)
            return false;
        throw new ProtocolException(StatusCodes.Status503ServiceUnavailable, $"{batching.QueueSize} requests are waiting for this model already: come again later.", RetryAfter());
    }

    /// <summary>The caller of <paramref name="work"/> has gone. Its place is free at once; where it runs already nothing happens.</summary>
    public void Abandon(Work work, Exception reason)
    {
        if (work.TryAbandon(reason))
            Left();
    }

    /// <summary>Takes nothing more, finishes what is in line, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        closed = true;
        arrivals.Writer.TryComplete();
        await owner;
        batches.CompleteAdding();
        await Task.Run(() => Array.ForEach(instances, instance => instance.Join()));
    }

    void Left()
    {
        Interlocked.Decrement(ref waiting);
        metrics.Waiting(-1);
    }

    async Task OwnAsync()
    {
        while (true)
        {
            await free.WaitAsync();
            List<Work> batch = [];
            while (batch.Count == 0)
            {
                if (wave.Count == 0 && !await GatherAsync())
                    return;
                batch = Cut();
            }
            batches.Add(batch);
        }
    }

    /// <summary>The next wave: all that waits, and what comes until the batch is full or its oldest has waited long enough.</summary>
    async Task<bool> GatherAsync()
    {
        if (!await arrivals.Reader.WaitToReadAsync())
            return false;
        while (arrivals.Reader.TryRead(out var work))
            wave.Add(work);
        while (batching.MaxDelay > TimeSpan.Zero && batching.MaxDelay - clock.GetElapsedTime(wave[0].Arrived) is var left && left > TimeSpan.Zero && !IsFull())
        {
            using var late = new CancellationTokenSource(left, clock);
            try
            {
                if (!await arrivals.Reader.WaitToReadAsync(late.Token))
                    break;
            }
            catch (OperationCanceledException)
            {
                break;
            }
            while (arrivals.Reader.TryRead(out var work))
                wave.Add(work);
        }
        wave.Sort((one, other) => other.Length.CompareTo(one.Length));   // the longest first: batches are cut from the end
        return true;
    }

    bool IsFull() => wave.Sum(work => work.Rows) >= batching.MaxRows || wave.Sum(work => work.Rows) * wave.Max(work => work.Length) >= batching.MaxTokens;

    /// <summary>The shortest of the wave that fit together. Who is gone or too late is left out.</summary>
    List<Work> Cut()
    {
        List<Work> batch = [];
        var rows = 0;
        for (var i = wave.Count - 1; i >= 0; i--)
        {
            var next = wave[i];
            if (batch.Count > 0 && (rows + next.Rows > batching.MaxRows || (rows + next.Rows) * next.Length > batching.MaxTokens))
                break;
            if (batch.Count > 0 && !layout.Together(batch[0], next))
                continue;
            wave.RemoveAt(i);
            if (next.Deadline != 0 && clock.GetTimestamp() > next.Deadline)
                Abandon(next, new ProtocolException(StatusCodes.Status504GatewayTimeout, "The request waited longer than its timeout."));
            else if (next.TryTake())
            {
                Left();
                next.Queued = clock.GetElapsedTime(next.Arrived);
                batch.Add(next);
                rows += next.Rows;
            }
        }
        return batch;
    }

    void Serve(Runner runner)
    {
        using (runner)
            foreach (var batch in batches.GetConsumingEnumerable())
            {
                Run(batch, runner);
                free.Release();
            }
    }

    void Run(List<Work> batch, Runner runner)
    {
        var began = clock.GetTimestamp();
        var rows = batch.Sum(work => work.Rows);
        foreach (var work in batch)
            work.BatchRows = rows;
        try
        {
            layout.Run(batch, runner);
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One of them is to blame: each alone, so that it fails alone.
            foreach (var work in batch)
                Run([work], runner);
            return;
        }
        catch (Exception e)
        {
            batch[0].Fail(new ProtocolException(IsRequests(e) ? StatusCodes.Status400BadRequest : StatusCodes.Status500InternalServerError, $"The model failed on this request: {Reason(e)}"));
        }
        metrics.Ran(rows, clock.GetElapsedTime(began), batch);
    }

    /// <summary>It ran when it was warmed up, so where an operator does not take its values the request is to blame, and nobody else's is; where there is no memory, or a GPU fails, it is not.</summary>
    static bool IsRequests(Exception e) => e.Message.Contains("[ErrorCode:InvalidArgument]", StringComparison.Ordinal)
        || (e.Message.Contains("status code returned while running", StringComparison.Ordinal) && !NotRequests.Any(word => e.Message.Contains(word, StringComparison.OrdinalIgnoreCase)));

    static readonly string[] NotRequests = ["alloc", "memory", "CUDA", "cuDNN", "cuBLAS"];

    // ONNX Runtime names source files of its build in brackets and behind it the reason.
    static string Reason(Exception e) => e.Message.Split('\n')[0] is var line && line.LastIndexOf("] ", StringComparison.Ordinal) is >= 0 and var at ? line[(at + 2)..] : line;

    int RetryAfter() => (int)Math.Clamp(Math.Ceiling(batching.QueueSize * metrics.SecondsARequest), 1, 60);
}
