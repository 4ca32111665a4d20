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

    public bool TryGet(string hash, out Principal? principal)
    {
        lock (gate)
        {
            var found = entries.TryGetValue(hash, out var entry) && time.GetElapsedTime(entry.At) < Lifetime;
            principal = found ? entry.Principal : null;
            return found;
        }
    }

    public void Put(string hash, Principal? principal)
    {
        lock (gate)
        {
            if (entries.Count >= Capacity) entries.Clear();
            entries[hash] = (principal, time.GetTimestamp());
        }
    }

    public void Clear()
    {
        lock (gate) entries.Clear();
    }
}
