using System.Collections.Concurrent;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;

namespace AiOs.Serving.Reports;

/// <summary>Calls of the last five minutes, counted in slots of ten seconds that are forgotten as they age. Any thread may add.</summary>
sealed class CallWindow(TimeProvider clock)
{
    const int SlotSeconds = 10, Slots = 30;

    /// <summary>How far back it looks.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(SlotSeconds * Slots);

    static readonly double[] Quantiles = [0.5, 0.95, 0.99];

    readonly Slot?[] slots = new Slot?[Slots];

    /// <summary>Counts a call.</summary>
    public void Add(CallFacts call) => Current().Add(call);

    /// <summary>Counts that a target was passed over.</summary>
    public void PassedOver(string reason) => Count(Current().Passed, reason);

    Slot Current()
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var number = now / (SlotSeconds * 1_000);
        ref var place = ref slots[number % Slots];
        while (true)
        {
            var slot = Volatile.Read(ref place);
            if (slot?.Number == number)
                return slot;
            var fresh = new Slot(number, now);
            if (ReferenceEquals(Interlocked.CompareExchange(ref place, fresh, slot), slot))
                return fresh;
        }
    }

    List<Slot> Recent()
    {
        var number = clock.GetUtcNow().ToUnixTimeMilliseconds() / (SlotSeconds * 1_000);
        return [.. slots.OfType<Slot>().Where(slot => slot.Number > number - Slots)];
    }

    public IReadOnlyDictionary<string, long> PassedOver() => Sum(Recent(), slot => slot.Passed);

    public CallReport Report()
    {
        var recent = Recent();
        var calls = recent.Sum(s => Volatile.Read(ref s.Calls));
        var seconds = recent.Count == 0 ? 1 : Math.Max(1, (clock.GetUtcNow().ToUnixTimeMilliseconds() - recent.Min(s => s.Since)) / 1_000.0);
        return new()
        {
            Calls = calls,
            PerSecond = Math.Round(calls / seconds, 3),
            Concurrency = Math.Round(recent.Sum(s => Volatile.Read(ref s.TookTicks)) / (seconds * TimeSpan.TicksPerSecond), 3),
            Took = Of(recent, slot => slot.Took),
            Queued = Of(recent, slot => slot.Queued),
            FirstPiece = Of(recent, slot => slot.FirstPiece),
            ErrorRate = Rate(recent.Sum(s => Volatile.Read(ref s.Failed))),
            TimeoutRate = Rate(recent.Sum(s => Volatile.Read(ref s.TimedOut))),
            FallbackRate = Rate(recent.Sum(s => Volatile.Read(ref s.FellBack))),
            DegradedRate = Rate(recent.Sum(s => Volatile.Read(ref s.Degraded))),
            CacheHitRate = Rate(recent.Sum(s => Volatile.Read(ref s.Cached))),
            Failures = Sum(recent, slot => slot.Failures),
            Fallbacks = Sum(recent, slot => slot.Fallbacks),
            InputTokens = recent.Sum(s => Volatile.Read(ref s.InputTokens)),
            OutputTokens = recent.Sum(s => Volatile.Read(ref s.OutputTokens)),
            Cost = Nano.Amount(recent.Sum(s => Volatile.Read(ref s.Cost))),
        };

        double Rate(long count) => calls == 0 ? 0 : Math.Round((double)count / calls, 6);
    }

    static Latency? Of(IEnumerable<Slot> slots, Func<Slot, LatencySketch?> of) =>
        LatencySketch.Quantiles([.. slots.Select(of).OfType<LatencySketch>()], Quantiles) is { } found ? new(Ms(found[0]), Ms(found[1]), Ms(found[2])) : null;

    static double Ms(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    static Dictionary<string, long> Sum(IEnumerable<Slot> slots, Func<Slot, ConcurrentDictionary<string, long>> of) =>
        slots.SelectMany(of).GroupBy(entry => entry.Key, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(entry => entry.Value), StringComparer.Ordinal);

    static void Count(ConcurrentDictionary<string, long> counts, string reason) => counts.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    sealed class Slot(long number, long since)
    {
        public long Calls, TookTicks, Failed, TimedOut, FellBack, Degraded, Cached, InputTokens, OutputTokens, Cost;
        LatencySketch? queued, firstPiece;

        public long Number => number;

        public long Since => since;

        public LatencySketch Took { get; } = new();

        public LatencySketch? Queued => Volatile.Read(ref queued);

        public LatencySketch? FirstPiece => Volatile.Read(ref firstPiece);

        public ConcurrentDictionary<string, long> Failures { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, long> Fallbacks { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, long> Passed { get; } = new(StringComparer.Ordinal);

        public void Add(CallFacts call)
        {
            Interlocked.Increment(ref Calls);
            Interlocked.Add(ref TookTicks, call.Took.Ticks);
            Took.Add(call.Took);
            if (call.Queued is { } waited)
                Lazy(ref queued).Add(waited);
            if (call.FirstPiece is { } first)
                Lazy(ref firstPiece).Add(first);
            Interlocked.Add(ref InputTokens, call.Usage.InputTokens);
            Interlocked.Add(ref OutputTokens, call.Usage.OutputTokens);
            Interlocked.Add(ref Cost, Nano.Of(call.Usage.Cost ?? 0));
            AddEnd(call);
        }

        void AddEnd(CallFacts call)
        {
            if (call.End == CallEnd.Failed)
                Interlocked.Increment(ref Failed);
            if (call.End == CallEnd.Degraded)
                Interlocked.Increment(ref Degraded);
            if (call.End is CallEnd.Cached or CallEnd.CachedByMeaning)
                Interlocked.Increment(ref Cached);
            if (call.Failure is { } failure)
                Count(Failures, failure.ToString());
            if (call.Failure == ModelFailure.TimedOut)
                Interlocked.Increment(ref TimedOut);
            if (call.Fallbacks.Count == 0)
                return;
            Interlocked.Increment(ref FellBack);
            foreach (var fallback in call.Fallbacks)
                Count(Fallbacks, fallback.Reason);
        }

        static LatencySketch Lazy(ref LatencySketch? sketch)
        {
            if (Volatile.Read(ref sketch) is null)
                Interlocked.CompareExchange(ref sketch, new(), null);
            return sketch!;
        }
    }
}
