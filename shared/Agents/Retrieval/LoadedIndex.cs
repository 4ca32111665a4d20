using System.Collections.Concurrent;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AiOs.Agents.Retrieval;

/// <summary>An index in memory, read by any number of threads: one pinned copy of the blob, one SQLite connection for each reader at work.</summary>
sealed class LoadedIndex : IDisposable
{
    readonly byte[] blob;
    readonly GCHandle pin;
    readonly IndexBlob.Layout layout;
    readonly ConcurrentBag<SqliteConnection> idle = [];
    int users = 1;

    /// <exception cref="InvalidDataException">The blob is no index.</exception>
    public LoadedIndex(byte[] blob)
    {
        layout = IndexBlob.Read(blob);
        this.blob = blob;
        pin = GCHandle.Alloc(blob, GCHandleType.Pinned);
        try
        {
            Read(connection => connection.ExecuteScalar<long>("SELECT COUNT(*) FROM passages") == layout.Chunks ? true : throw new InvalidDataException("The knowledge index is damaged."));
        }
        catch (Exception damaged)
        {
            Dispose();
            if (damaged is SqliteException)
                throw new InvalidDataException("The knowledge index is damaged.", damaged);
            throw;
        }
    }

    public string Encoder => layout.Encoder;

    public int Documents => layout.Documents;

    public int Chunks => layout.Chunks;

    public long Bytes => blob.LongLength;

    /// <summary>The vector of passage <paramref name="id"/> (1, 2, 3 ...).</summary>
    public ReadOnlySpan<float> Vector(int id) => Vectors.Slice((id - 1) * layout.Dimensions, layout.Dimensions);

    ReadOnlySpan<float> Vectors => MemoryMarshal.Cast<byte, float>(blob.AsSpan(layout.Vectors));

    public float Similarity(ReadOnlySpan<float> query, int id) => query.Length == layout.Dimensions ? TensorPrimitives.Dot(query, Vector(id)) : 0;

    /// <summary>The passages nearest to <paramref name="query"/> by cosine, best first: every one of them is compared.</summary>
    public List<int> Nearest(ReadOnlySpan<float> query, int top)
    {
        if (query.Length != layout.Dimensions || TensorPrimitives.Norm(query) == 0)
            return [];
        var best = new PriorityQueue<int, (float Similarity, int Id)>(top + 1);
        for (var id = 1; id <= layout.Chunks; id++)
        {
            var similarity = TensorPrimitives.Dot(query, Vector(id));
            if (best.Count == top && best.TryPeek(out _, out var worst) && similarity <= worst.Similarity)
                continue;
            best.Enqueue(id, (similarity, -id));
            if (best.Count > top)
                best.Dequeue();
        }

        var order = new List<int>(best.Count);
        while (best.TryDequeue(out var id, out _))
            order.Add(id);
        order.Reverse();
        return order;
    }

    /// <summary>Runs <paramref name="work"/> on a connection that nobody else uses meanwhile.</summary>
    public T Read<T>(Func<SqliteConnection, T> work)
    {
        if (!idle.TryTake(out var connection))
            connection = IndexBlob.Open(pin.AddrOfPinnedObject() + layout.Database, layout.DatabaseLength);
        try
        {
            return work(connection);
        }
        finally
        {
            if (idle.Count < Environment.ProcessorCount)
                idle.Add(connection);
            else
                connection.Dispose();
        }
    }

    /// <summary>Takes part in the index unless it is gone; each success needs one <see cref="Dispose"/>.</summary>
    public bool TryShare()
    {
        for (var now = Volatile.Read(ref users); now > 0; now = Volatile.Read(ref users))
            if (Interlocked.CompareExchange(ref users, now + 1, now) == now)
                return true;
        return false;
    }

    /// <summary>Lets go; the last one to do so frees the memory.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref users) != 0)
            return;
        while (idle.TryTake(out var connection))
            connection.Dispose();
        pin.Free();
    }
}
