namespace AiOs.Testing;

/// <summary>Virtual time: stands still until <see cref="Advance"/>, which fires what has fallen due in the order of its due time.</summary>
public sealed class ManualTimeProvider(DateTimeOffset? start = null) : TimeProvider
{
    /// <summary>Spent on failure only.</summary>
    static readonly TimeSpan patience = TimeSpan.FromMinutes(2);

    readonly Lock gate = new();
    readonly List<ManualTimer> timers = [];
    readonly List<(TimeSpan For, TaskCompletionSource Set)> awaited = [];
    DateTimeOffset now = start ?? new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    long created;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait for their time.</summary>
    public int Waiting
    {
        get { lock (gate) return timers.Count(t => t.Due is not null); }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (gate)
        {
            timer.Order = created++;
            timers.Add(timer);
        }
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes once a timer waits that was set for <paramref name="dueIn"/>, so that <see cref="Advance"/> does not overtake what sets one again and again.</summary>
    public Task TimerAsync(TimeSpan dueIn)
    {
        lock (gate)
        {
            if (timers.Any(t => t.Due is not null && t.SetFor == dueIn)) return Task.CompletedTask;
            var set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            awaited.Add((dueIn, set));
            return set.Task.WaitAsync(patience, System);
        }
    }

    /// <summary>Moves the clock by <paramref name="by"/>; each timer on the way fires, on this thread, with the clock at its due time.</summary>
    public void Advance(TimeSpan by) => AdvanceTo(GetUtcNow() + by);

    /// <summary>Moves the clock on, a <paramref name="step"/> after the other, until <paramref name="what"/> is done. The real pauses between them grow: where the work is slow, little more time passes than where it is fast.</summary>
    public async Task AdvanceUntilAsync(Task what, TimeSpan step)
    {
        var began = System.GetTimestamp();
        for (var steps = 0; !what.IsCompleted && System.GetElapsedTime(began) < patience; steps++)
        {
            Advance(step);
            await Task.WhenAny(what, Task.Delay(TimeSpan.FromMilliseconds(2 + (steps / 200)), System, CancellationToken.None));
        }
        await what.WaitAsync(TimeSpan.Zero, System);
    }

    /// <summary>Moves the clock to <paramref name="target"/>; an earlier instant is ignored.</summary>
    public void AdvanceTo(DateTimeOffset target)
    {
        while (NextDue(target) is { } timer) timer.Fire();
        lock (gate) now = target > now ? target : now;
    }

    ManualTimer? NextDue(DateTimeOffset target)
    {
        lock (gate)
        {
            var next = timers.Where(t => t.Due <= target).OrderBy(t => t.Due).ThenBy(t => t.Order).FirstOrDefault();
            if (next is null) return null;
            now = next.Due!.Value > now ? next.Due.Value : now;
            next.Due = next.Period is { } period ? now + period : null;
            return next;
        }
    }

    void Announce(TimeSpan dueIn)
    {
        foreach (var (_, set) in awaited.Where(a => a.For == dueIn)) set.TrySetResult();
        awaited.RemoveAll(a => a.For == dueIn);
    }

    sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due;
        public TimeSpan? Period;
        public TimeSpan SetFor;
        public long Order;
        bool gone;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var immediately = false;
            lock (clock.gate)
            {
                if (gone) return false;
                Period = period > TimeSpan.Zero ? period : null;
                immediately = dueTime == TimeSpan.Zero;
                Due = dueTime < TimeSpan.Zero ? null : immediately ? Period is { } p ? clock.now + p : null : clock.now + dueTime;
                SetFor = dueTime;
                if (Due is not null) clock.Announce(dueTime);
            }
            if (immediately) ThreadPool.QueueUserWorkItem(_ => callback(state));
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                gone = true;
                Due = null;
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
