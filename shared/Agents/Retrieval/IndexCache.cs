using AiOs.DataPlane;

namespace AiOs.Agents.Retrieval;

/// <summary>The indexes in use, loaded once and shared; those not used for longest make room when there are too many or they are too large.</summary>
public sealed class IndexCache(IBlobStore blobs, RetrievalOptions options) : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    readonly SemaphoreSlim loading = new(1, 1);
    long uses;
    bool disposed;

    /// <summary>Opens the index for one use.</summary>
    /// <exception cref="InvalidDataException">There is no such index, or it is damaged.</exception>
    internal async Task<Lease> OpenAsync(string reference, CancellationToken cancellationToken)
    {
        if (Share(reference) is { } known)
            return known;
        await loading.WaitAsync(cancellationToken);   // one at a time: two searches never load the same index twice
        try
        {
            if (Share(reference) is { } loaded)
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

    Lease? Share(string reference)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!entries.TryGetValue(reference, out var entry) || !entry.Index.TryShare())
                return null;
            entry.LastUse = ++uses;
            return new Lease(entry.Index);
        }
    }

    Lease Keep(string reference, LoadedIndex index)
    {
        List<LoadedIndex> dropped = [];
        lock (gate)
        {
            if (disposed)
            {
                index.Dispose();
                throw new ObjectDisposedException(nameof(IndexCache));
            }

            index.TryShare();
            entries[reference] = new Entry(index) { LastUse = ++uses };
            while (entries.Count > 1 && (entries.Count > options.MostIndexes || entries.Values.Sum(e => e.Index.Bytes) > options.MostBytes))
            {
                var oldest = entries.MinBy(e => e.Value.LastUse);
                entries.Remove(oldest.Key);
                dropped.Add(oldest.Value.Index);
            }
        }

        dropped.ForEach(d => d.Dispose());
        return new Lease(index);
    }

    /// <summary>Lets go of all indexes; searches under way end undisturbed.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            foreach (var entry in entries.Values)
                entry.Index.Dispose();
            entries.Clear();
        }
    }

    sealed class Entry(LoadedIndex index)
    {
        public LoadedIndex Index => index;

        public long LastUse { get; set; }
    }

    /// <summary>One use of an index.</summary>
    internal sealed class Lease(LoadedIndex index) : IDisposable
    {
        LoadedIndex? held = index;

        public LoadedIndex Index => held ?? throw new ObjectDisposedException(nameof(Lease));

        public void Dispose() => Interlocked.Exchange(ref held, null)?.Dispose();
    }
}
