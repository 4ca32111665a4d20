using System.Diagnostics.Metrics;
using System.Threading.Channels;
using AiOs.Serving.Calls;
using AiOs.Telemetry;
using Microsoft.Extensions.Logging;

namespace AiOs.Serving.Captures;

/// <summary>Keeps calls of models behind the reply: one loop writes together whatever has ended since the last time. When more ends than the disk takes, captures are dropped and counted.</summary>
public sealed class Captures : IAsyncDisposable
{
    /// <summary>So many calls, and so many characters of them, wait for the disk at most.</summary>
    const int Queued = 8_192, Batch = 512;
    const long QueuedCharacters = 32 * 1024 * 1024;

    /// <summary>How long a capture waits for others to be written with.</summary>
    static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);

    static readonly Counter<long> DroppedCounter = AiOsTelemetry.Meter.CreateCounter<long>("aios.capture.dropped", "{call}", "Calls that were not captured because too many waited for the disk.");

    readonly CaptureStore store;
    readonly CaptureOptions options;
    readonly TimeProvider clock;
    readonly ILogger<Captures> log;
    readonly Channel<Waiting> waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(Queued) { SingleReader = true });
    readonly Lock gate = new();
    long characters, dropped, written;
    Task? loop;

    internal Captures(CaptureStore store, CaptureOptions options, TimeProvider clock, ILogger<Captures> log) => (this.store, this.options, this.clock, this.log) = (store, options, clock, log);

    /// <summary>Calls that were not captured, since the start of this instance.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Calls that were.</summary>
    public long Written => Volatile.Read(ref written);

    /// <summary>Takes a call, or drops it. Never waits.</summary>
    internal void Add(CallFacts call)
    {
        if (options.Days == 0)
            return;
        var size = SizeOf(call);
        if (Interlocked.Add(ref characters, size) <= QueuedCharacters && waiting.Writer.TryWrite(new(call, null)))
        {
            Start();
            return;
        }

        Interlocked.Add(ref characters, -size);
        Drop(1);
    }

    /// <summary>Captures, newest first, without input and output.</summary>
    public async Task<CapturePage> ListAsync(CaptureQuery query, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        return await store.ListAsync(query, cancellationToken);
    }

    /// <summary>A capture with its input and output; null where there is none (any more).</summary>
    public async Task<Capture?> GetAsync(string callId, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        return await store.GetAsync(callId, cancellationToken);
    }

    /// <summary>Removes what is too old, too many or too large together; returns how many.</summary>
    public Task<int> SweepAsync(CancellationToken cancellationToken) => store.SweepAsync(cancellationToken);

    /// <summary>Returns when everything that this instance took before is written, or dropped.</summary>
    async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref loop) is null)
            return;
        var flush = new Waiting(null, new(TaskCreationOptions.RunContinuationsAsynchronously));
        await waiting.Writer.WriteAsync(flush, cancellationToken);
        await flush.Written!.Task.WaitAsync(cancellationToken);
    }

    void Start()
    {
        if (Volatile.Read(ref loop) is not null)
            return;
        lock (gate)
            using (ExecutionContext.SuppressFlow())
                loop ??= Task.Run(LoopAsync, CancellationToken.None);
    }

    async Task LoopAsync()
    {
        var batch = new List<CallFacts>(Batch);
        long sinceSweep = 0;
        while (await waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            TaskCompletionSource? flush = null;
            while (flush is null && batch.Count < Batch)
            {
                if (waiting.Reader.TryRead(out var next))
                {
                    flush = next.Written;
                    if (next.Call is { } call)
                        batch.Add(call);
                }
                else if (waiting.Reader.Completion.IsCompleted || !await MoreAsync())
                    break;
            }

            await WriteAsync(batch);
            sinceSweep += batch.Count;
            if (sinceSweep > options.Most / 8)
                sinceSweep = await SweptAsync();
            batch.Clear();
            flush?.TrySetResult();
        }
    }

    /// <summary>Whether something comes within the linger.</summary>
    async Task<bool> MoreAsync()
    {
        var more = waiting.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        using var enough = new CancellationTokenSource();
        await Task.WhenAny(more, Task.Delay(Linger, clock, enough.Token));
        await enough.CancelAsync();
        return more is { IsCompletedSuccessfully: true, Result: true };
    }

    async Task WriteAsync(List<CallFacts> batch)
    {
        if (batch.Count == 0)
            return;
        try
        {
            await store.WriteAsync(batch, CancellationToken.None);
            Interlocked.Add(ref written, batch.Count);
        }
        catch (Exception e)
        {
            log.CapturesLost(batch.Count, e);
            Drop(batch.Count);
        }

        Interlocked.Add(ref characters, -batch.Sum(SizeOf));
    }

    async Task<long> SweptAsync()
    {
        try
        {
            await store.SweepAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            log.CapturesNotSwept(e);
        }

        return 0;
    }

    void Drop(int count)
    {
        Interlocked.Add(ref dropped, count);
        DroppedCounter.Add(count);
    }

    static long SizeOf(CallFacts call) => call.Sensitive ? 0 : (call.Input?.Length ?? 0) + (call.Output?.Length ?? 0);

    /// <summary>Writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await (Volatile.Read(ref loop) ?? Task.CompletedTask);
    }

    sealed record Waiting(CallFacts? Call, TaskCompletionSource? Written);
}
