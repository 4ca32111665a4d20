using System.Threading.Channels;
using AiOs.DataPlane;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Telemetry;
using Microsoft.Extensions.Logging;

namespace AiOs.Serving.Costs;

/// <summary>The one owner of this instance's leases: it alone asks the database for more, writes down together what was spent since the last time, and gives back what nobody uses.
/// Callers spend from their <see cref="Account"/>s without it.</summary>
sealed partial class Ledger(Database database, TimeProvider clock, ILogger<Ledger> log) : IAsyncDisposable
{
    /// <summary>How long settlements wait for others to be written down with.</summary>
    static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);

    /// <summary>How often other instances' changes are looked for and idle leases given back.</summary>
    static readonly TimeSpan Care = TimeSpan.FromSeconds(1);

    /// <summary>How long a lease of a budget that is far from its end may lie unused.</summary>
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    /// <summary>How often leases are confirmed, and late ones of others forfeited.</summary>
    static readonly TimeSpan Confirmation = LedgerWrites.LeaseLife / 4;

    readonly Channel<Asked> asking = Channel.CreateBounded<Asked>(new BoundedChannelOptions(4_096) { SingleReader = true });
    readonly CostTotals totals = new();
    readonly string instance = Guid.NewGuid().ToString("N");
    readonly CancellationTokenSource killed = new();
    readonly Lock gate = new();
    volatile Routes? routes;
    volatile bool changed;
    Task? loop;

    /// <summary>Where the spender's calls are counted; null where only the loop can say.</summary>
    public Route? RouteOf(Spender spender) => routes?.Find(spender) is { } route && clock.GetUtcNow() < route.Until ? route : null;

    /// <summary>Something was settled; it is written down soon.</summary>
    public void Changed()
    {
        if (!changed)
            changed = true;
    }

    /// <summary>Adds an ended call to what its spender used. Never waits.</summary>
    public void Add(Spender spender, ModelUsage usage)
    {
        totals.Add(DayOf(clock.GetUtcNow()), spender, usage);
        Changed();
        Start();
    }

    /// <summary>The day's number since 1970, UTC.</summary>
    public static long DayOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 86_400;

    /// <summary>Has the loop reserve, as soon as the database has answered.</summary>
    public async ValueTask<Reservation> AskAsync(Spender spender, long amount, CancellationToken cancellationToken)
    {
        var asked = new Asked(spender, amount);
        await SendAsync(asked, cancellationToken);
        await using var giveUp = cancellationToken.Register(() => asked.Answer.TrySetCanceled(cancellationToken));
        var route = await asked.Answer.Task;
        return new Reservation(this, route!, amount);
    }

    /// <summary>Returns when everything that was settled and noted before is written down.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var asked = new Asked(null, 0);
        await SendAsync(asked, cancellationToken);
        await asked.Answer.Task.WaitAsync(cancellationToken);
    }

    async ValueTask SendAsync(Asked asked, CancellationToken cancellationToken)
    {
        Start();
        try
        {
            await asking.Writer.WriteAsync(asked, cancellationToken);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The ledger is closed.", closed);
        }
    }

    void Start()
    {
        if (Volatile.Read(ref loop) is not null)
            return;
        lock (gate)
            using (ExecutionContext.SuppressFlow())
                loop ??= Task.Run(LoopAsync, CancellationToken.None);
    }

    /// <summary>Writes down what is left and gives the leases back. Reservations that are still open are forfeited later.</summary>
    public async ValueTask DisposeAsync()
    {
        asking.Writer.TryComplete();
        lock (gate)
            loop ??= Task.CompletedTask;
        await loop;
        killed.Dispose();
    }

    /// <summary>Ends as a process that dies: nothing more is written.</summary>
    internal async Task KillAsync()
    {
        await killed.CancelAsync();
        asking.Writer.TryComplete();
        await (loop ?? Task.CompletedTask);
    }

    /// <summary>What a caller waits for: money for a call, or (without a spender) that everything is written down.</summary>
    sealed record Asked(Spender? Spender, long Amount)
    {
        public TaskCompletionSource<Route?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
