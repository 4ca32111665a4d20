using AiOs.DataPlane;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>The indexes in use, loaded once and shared; those not used for longest make room when there are too many or they are too large. A search under way keeps its index alive.</summary>
public sealed class IndexCache(IBlobStore blobs, RetrievalOptions options) : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    readonly SemaphoreSlim loading = new(1, 1);
    long uses;

    /// <summary>The index of that reference.</summary>
    /// <exception cref="InvalidDataException">There is no such index, or it is damaged.</exception>
    internal async Task<LoadedIndex> OpenAsync(string reference, CancellationToken cancellationToken)
    {
        if (Find(reference) is { } known)
            return known;
        await loading.WaitAsync(cancellationToken);   // one at a time: two searches never load the same index twice
        try
        {
            if (Find(reference) is { } loaded)
                return loaded;
            var blob = await blobs.GetAsync(reference, cancellationToken) ?? throw new InvalidDataException($"There is no knowledge index {reference}.");
            return Keep(reference, new LoadedIndex(blob));
        }
        finally
        {
            loading.Release();
        }
    }

    /// <summary>How many indexes are held.</summary>
    internal int Count
    {
        get
        {
            lock (gate)
                return entries.Count;
        }
    }

    LoadedIndex? Find(string reference)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(reference, out var entry))
                return null;
            entry.LastUse = ++uses;
            return entry.Index;
        }
    }

    LoadedIndex Keep(string reference, LoadedIndex index)
    {
        lock (gate)
        {
            entries[reference] = new Entry(index) { LastUse = ++uses };
            while (entries.Count > 1 && (entries.Count > options.MostIndexes || entries.Values.Sum(e => e.Index.Bytes) > options.MostBytes))
                entries.Remove(entries.MinBy(e => e.Value.LastUse).Key);
        }

        return index;
    }

    /// <summary>Lets go of all indexes.</summary>
    public void Dispose()
    {
        lock (gate)
            entries.Clear();
        loading.Dispose();
    }

    sealed class Entry(LoadedIndex index)
    {
        public LoadedIndex Index => index;

        public long LastUse { get; set; }
    }
}
