namespace AiOs.Agents.Intent;

/// <summary>Loaded heads, at most <paramref name="capacity"/> of them while no more are in use. Each is loaded once however many ask, and the one that was
/// idle longest makes room. A load that fails is not remembered.</summary>
sealed class HeadCache(Func<string, Task<HeadSession>> load, int capacity) : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    long clock;

    sealed class Entry(string reference, Task<HeadSession> loading)
    {
        public string Reference => reference;
        public Task<HeadSession> Loading => loading;
        public int Users { get; set; }
        public long LastUsed { get; set; }
    }

    /// <summary>Uses the head behind <paramref name="reference"/>; it stays loaded until <paramref name="use"/> is over.</summary>
    public async ValueTask<T> UseAsync<T>(string reference, Func<HeadSession, ValueTask<T>> use, CancellationToken cancellationToken)
    {
        var entry = Enter(reference);
        try
        {
            return await use(await entry.Loading.WaitAsync(cancellationToken));
        }
        finally
        {
            Leave(entry);
        }
    }

    Entry Enter(string reference)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(reference, out var entry))
                entries.Add(reference, entry = new Entry(reference, Task.Run(() => load(reference))));
            entry.Users++;
            entry.LastUsed = ++clock;
            return entry;
        }
    }

    void Leave(Entry entry)
    {
        lock (gate)
        {
            entry.Users--;
            if (entry.Loading is { IsCompleted: true, IsCompletedSuccessfully: false } && entries.GetValueOrDefault(entry.Reference) == entry)
                entries.Remove(entry.Reference);
            while (entries.Count > capacity && entries.Values.Where(other => other.Users == 0).MinBy(other => other.LastUsed) is { } idle)
                Drop(idle);
        }
    }

    void Drop(Entry idle)
    {
        entries.Remove(idle.Reference);
        _ = idle.Loading.ContinueWith(static loaded => loaded.Result.Dispose(), CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Frees the heads that nobody uses.</summary>
    public void Dispose()
    {
        lock (gate)
            foreach (var idle in entries.Values.Where(entry => entry.Users == 0).ToArray())
                Drop(idle);
    }
}
