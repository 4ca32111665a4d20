namespace AiOs.Security;

/// <summary>What keys were found to be, by their hash, for a few seconds: so that not every request asks the database. Bounded; guesses are
/// remembered too, but can push nothing else out for longer than that.</summary>
sealed class PrincipalCache(TimeProvider time)
{
    /// <summary>How long a revoked key may still work in a process that did not revoke it.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(15);
    const int Capacity = 4096;

    readonly Lock gate = new();
    readonly Dictionary<string, (Principal? Principal, long At)> entries = new(StringComparer.Ordinal);

    long generation;

    /// <summary>What is known of the key; where nothing is, <paramref name="asOf"/> goes to <see cref="Put"/> with what is read then.</summary>
    public bool TryGet(string hash, out Principal? principal, out long asOf)
    {
        lock (gate)
        {
            asOf = generation;
            var found = entries.TryGetValue(hash, out var entry) && time.GetElapsedTime(entry.At) < Lifetime;
            principal = found ? entry.Principal : null;
            return found;
        }
    }

    /// <summary>Remembers what was read after <paramref name="asOf"/>, unless a key was revoked since: it may have been this one.</summary>
    public void Put(string hash, Principal? principal, long asOf)
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            if (generation != asOf) return;
            if (entries.Count >= Capacity) entries.Clear();
            entries[hash] = (principal, now);
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            generation++;
            entries.Clear();
        }
    }
}
