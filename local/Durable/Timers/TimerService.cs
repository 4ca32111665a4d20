using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Durable.Timers;

/// <summary>
/// Rings alarms when they fall due. Those of the next minutes are in a heap, under one timer of the clock; the rest stay in the
/// tables until their time comes near, so that a million sleepers cost nothing.
/// </summary>
sealed class TimerService : IDisposable
{
    static readonly long horizon = TimeSpan.FromMinutes(10).Ticks;

    readonly DurableEngine engine;
    readonly ITimer clock;
    readonly Lock gate = new();

    /// <summary>Held while alarms ring: of two threads the one that took earlier alarms must deliver them first, however long it is kept from its processor.</summary>
    readonly Lock ringing = new();
    readonly PriorityQueue<Alarm, long> heap = new();
    readonly HashSet<Alarm> set = [];
    long readUntil = long.MinValue;
    long wakeAt = long.MaxValue;
    bool reading;
    bool stopped;

    public TimerService(DurableEngine engine)
    {
        this.engine = engine;
        clock = engine.Clock.CreateTimer(static self => ((TimerService)self!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>When the next alarm of those in memory falls due, if there is one.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (gate)
                return set.Count > 0 ? new DateTimeOffset(set.Min(alarm => alarm.Due), TimeSpan.Zero) : null;
        }
    }

    /// <summary>Reads the first alarms.</summary>
    public Task StartAsync() => ReadAheadAsync();

    /// <summary>Takes note of alarms whose rows are on disk. They ring in the order of their times, also where all of them are due by now.</summary>
    public void Set(IEnumerable<Alarm> alarms)
    {
        lock (gate)
        {
            foreach (var alarm in alarms)
                if (alarm.Due < readUntil && set.Add(alarm))
                {
                    heap.Enqueue(alarm, alarm.Due);
                    Arm(alarm.Due);
                }
        }
    }

    /// <summary>Forgets an alarm.</summary>
    public void Cancel(Alarm alarm)
    {
        lock (gate)
            set.Remove(alarm);
    }

    long Now => engine.Clock.GetUtcNow().UtcTicks;

    // INVARIANT: the gate is held.
    void Arm(long due)
    {
        if (due >= wakeAt || stopped)
            return;
        wakeAt = due;
        for (var now = Now; ;)
        {
            if (due <= now)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static self => self.Ring(), this, preferLocal: false);
                return;
            }
            clock.Change(TimeSpan.FromMilliseconds(Math.Ceiling(TimeSpan.FromTicks(due - now).TotalMilliseconds)), Timeout.InfiniteTimeSpan);

            // A clock that leapt meanwhile would ring too late by as much.
            var after = Now;
            if (after - now < TimeSpan.TicksPerMillisecond)
                return;
            now = after;
        }
    }

    void Ring()
    {
        bool readMore;
        lock (ringing)
            Deliver(Due(out readMore));
        if (readMore)
            _ = ReadAheadAsync();
    }

    List<Alarm> Due(out bool readMore)
    {
        var due = new List<Alarm>();
        lock (gate)
        {
            wakeAt = long.MaxValue;
            var now = Now;
            while (heap.TryPeek(out var first, out var time) && time <= now)
            {
                heap.Dequeue();
                if (set.Remove(first))
                    due.Add(first);
            }
            if (heap.TryPeek(out _, out var next))
                Arm(next);
            readMore = now >= readUntil - (horizon / 2) && !reading && !stopped;
            if (!readMore && !stopped)
                Arm(readUntil - (horizon / 2));
        }
        return due;
    }

    void Deliver(List<Alarm> due)
    {
        foreach (var alarm in due)
            if (alarm.IsMessage)
                _ = DeliverMessageAsync(alarm);
            else
                engine.Orchestrations.Deliver(alarm.Key, new(0, new TimerFired((int)alarm.Number)));
    }

    async Task DeliverMessageAsync(Alarm alarm)
    {
        try
        {
            var message = await engine.Store.ReadPatientlyAsync(database => Queries.Message(database, alarm.Key, alarm.Number));
            if (message is not { } row)
                return;
            if (Schema.IsEntity(alarm.Key))
                engine.Entities.Deliver(alarm.Key, new(row.Number, row.EntityMessage, Timed: true));
            else
                engine.Orchestrations.Deliver(alarm.Key, new(row.Number, row.Event, Timed: true));
        }
        catch (Exception failure)
        {
            Report(failure);
        }
    }

    async Task ReadAheadAsync()
    {
        long from, until;
        lock (gate)
        {
            if (reading || stopped)
                return;
            reading = true;
            (from, until) = (readUntil, Now + horizon);

            // From here on whoever sets an alarm before `until` puts it into the heap; what is older is read.
            readUntil = until;
        }
        try
        {
            Set(await engine.Store.ReadPatientlyAsync(database => Queries.Alarms(database, from, until)));
        }
        catch (Exception failure)
        {
            lock (gate)
                (readUntil, reading) = (from, false);
            Report(failure);
            return;
        }
        lock (gate)
        {
            reading = false;
            Arm(readUntil - (horizon / 2));
        }
    }

    void Report(Exception failure)
    {
        if (failure is not ObjectDisposedException)
            engine.Log.TimersUnread(failure);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
            stopped = true;
        clock.Dispose();
    }
}
