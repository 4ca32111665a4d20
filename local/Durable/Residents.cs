using System.Collections.Concurrent;

namespace AiOs.Local.Durable;

/// <summary>A message for an instance or entity.</summary>
/// <param name="Number">Its place in the inbox; 0 when only memory has it (what it reports is found in another table after a crash).</param>
/// <param name="Message">What it says.</param>
/// <param name="Timed">Whether a timer delivers it, so that its number says nothing about the order of arrival.</param>
readonly record struct Mail<TMessage>(long Number, TMessage Message, bool Timed = false);

/// <summary>Those instances or entities that are in memory: found by key, made on first mail, sent away when they idle and too many are here.</summary>
sealed class Residents<TMessage>(int limit, WorkQueue queue, Func<long, Resident<TMessage>> create)
{
    readonly ConcurrentDictionary<long, Resident<TMessage>> here = new();
    readonly LinkedList<Resident<TMessage>> idle = [];
    readonly Lock order = new();
    readonly Func<long, Resident<TMessage>> create = create;

    /// <summary>How many are in memory.</summary>
    public int Count => here.Count;

    /// <summary>Brings mail.</summary>
    public void Deliver(long key, Mail<TMessage> mail)
    {
        while (!here.GetOrAdd(key, static (k, self) => self.create(k), this).Receive(mail, this))
        {
        }
    }

    /// <summary>Lets one read its inbox.</summary>
    public void Wake(long key)
    {
        while (!here.GetOrAdd(key, static (k, self) => self.create(k), this).Wake(this))
        {
        }
    }

    /// <summary>Brings in one whose rows have just been written, with its first mail.</summary>
    public void Admit(Resident<TMessage> newcomer, Mail<TMessage> mail)
    {
        if (here.TryAdd(newcomer.Key, newcomer))
            newcomer.Receive(mail, this);
        else
            Deliver(newcomer.Key, mail);
    }

    /// <summary>Brings in one that is not written yet and lets it take its first turn here and now; false when there is no hand free for it.</summary>
    public bool TryBegin(Resident<TMessage> newcomer, Mail<TMessage> mail)
    {
        newcomer.Prepare(mail, this);
        here[newcomer.Key] = newcomer;
        if (queue.TryRun(newcomer))
            return true;
        here.TryRemove(newcomer.Key, out _);
        return false;
    }

    public void Enqueue(Resident<TMessage> resident) => queue.Enqueue(resident);

    /// <summary>Sends one away for good, whatever it does.</summary>
    public void Remove(long key)
    {
        if (here.TryGetValue(key, out var resident))
            resident.Retire(this, evenIfBusy: true);
    }

    /// <summary>Notes that one idles; the longest idle go when there are too many.</summary>
    public void Rest(Resident<TMessage> resident)
    {
        lock (order)
        {
            if (resident.Place.List is not null)
                idle.Remove(resident.Place);
            idle.AddLast(resident.Place);
        }
        while (here.Count > limit && Longest() is { } longest)
            longest.Retire(this, evenIfBusy: false);
    }

    Resident<TMessage>? Longest()
    {
        lock (order)
        {
            if (idle.First is not { } first)
                return null;
            idle.Remove(first);
            return first.Value;
        }
    }

    public void Forget(Resident<TMessage> resident)
    {
        here.TryRemove(KeyValuePair.Create(resident.Key, resident));
        lock (order)
        {
            if (resident.Place.List is not null)
                idle.Remove(resident.Place);
        }
    }
}
