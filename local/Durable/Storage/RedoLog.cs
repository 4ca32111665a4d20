using System.Buffers.Binary;

namespace AiOs.Local.Durable.Storage;

/// <summary>
/// What is acknowledged and not in the tables yet: one record a group, appended with one write and one sync, in place of pages that
/// belong to everybody. When the tables have it all the log begins anew at its first byte. docs/engine.md draws it.
/// </summary>
/// <remarks>
/// A record is <c>length (4) | base (8) | number (8) | digest (16) | changes</c>, little-endian. Base is the number of the last record that the
/// tables held when the log began; the digest (<see cref="RecordChain"/>) ends the log at a torn record and at one of an earlier round.
/// </remarks>
sealed class RedoLog(IDiskFile file, string path, byte[] id, long applied) : IDisposable
{
    /// <summary>The file grows by so much, filled and synced beforehand: a sync that changes no length is the cheapest.</summary>
    const int Step = 256 * 1024;

    const int HeaderLength = RecordChain.At + RecordChain.Length;

    readonly RecordChain chain = new(id, Schema.Version);
    readonly List<ReadOnlyMemory<byte>> kept = [];
    long length = file.Length;
    long end;
    long begin = applied;

    /// <summary>The number of the newest record, or of the newest group in the tables.</summary>
    public long Last { get; private set; } = applied;

    /// <summary>The changes of the records since the log began, oldest first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Kept => kept;

    /// <summary>The bytes of those records.</summary>
    public long Size => end;

    /// <summary>Appends a record; it is on the medium when this returns. When it fails, the next one takes its place.</summary>
    public void Append(ReadOnlySpan<byte> changes)
    {
        var record = new byte[HeaderLength + changes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, changes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(4), begin);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(12), Last + 1);
        changes.CopyTo(record.AsSpan(HeaderLength));
        var digest = chain.Sign(record);
        Try(() =>
        {
            Grow(end + record.Length);
            file.Write(record, end);
            file.Sync();
        });
        chain.Add(digest);
        (end, Last) = (end + record.Length, Last + 1);
        kept.Add(record.AsMemory(HeaderLength));
    }

    void Grow(long needed)
    {
        if (needed <= length)
            return;
        var wanted = (needed + Step - 1) / Step * Step;
        file.Write(new byte[wanted - length], length);
        file.Sync();
        length = wanted;
    }

    /// <summary>The tables hold everything up to a number, on the medium: the log begins anew.</summary>
    public void Restart(long number)
    {
        kept.Clear();
        chain.Restart();
        (end, begin, Last) = (0, number, number);
    }

    /// <summary>The records of the log, oldest first, how many of them the tables hold already, and the number of the last.</summary>
    /// <exception cref="DurableStoreException">The log goes on from tables that are newer than these, or it cannot be read.</exception>
    public (List<byte[]> Records, int Skipped, long Last) Read()
    {
        var (records, skipped, last) = (new List<byte[]>(), 0, begin);
        foreach (var record in Records(Try(file.Read), id))
        {
            if (BaseOf(record) > begin)
                throw new DurableStoreException(StoreFault.Corrupt,
                    $"'{path}' goes on from newer tables than those beside it. Restore both files from the same copy; the engine will not guess.");
            skipped += NumberOf(record) <= begin ? 1 : 0;
            last = Math.Max(last, NumberOf(record));
            records.Add(record[HeaderLength..]);
        }
        return (records, skipped, last);
    }

    /// <summary>The number of the last record in a log that an engine may be writing; 0 when there is none.</summary>
    public static long LastIn(byte[] content, byte[] id) => Records(content, id).Select(NumberOf).DefaultIfEmpty().Last();

    // The log itself says of which version it is, not the tables beside it: they may be a copy from before it.
    static List<byte[]> Records(byte[] content, byte[] id) =>
        Records(content, new RecordChain(id, Schema.Version)).ToList() is { Count: > 0 } records ? records : [.. Records(content, new RecordChain(id, Schema.WithShaLog))];

    static IEnumerable<byte[]> Records(byte[] content, RecordChain chain)
    {
        var at = 0;
        while (At(content, at) is { } record && chain.TryFollow(record))
        {
            yield return record;
            at += record.Length;
        }
    }

    static long BaseOf(byte[] record) => BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(4));

    static long NumberOf(byte[] record) => BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(12));

    static byte[]? At(byte[] content, int at)
    {
        if (content.Length - at < HeaderLength)
            return null;
        var changes = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(at));
        return changes > 0 && changes <= content.Length - at - HeaderLength ? content[at..(at + HeaderLength + changes)] : null;
    }

    void Try(Action use) => Try(() =>
    {
        use();
        return 0;
    });

    T Try<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (IOException failure)
        {
            throw Refused(path, failure);
        }
    }

    /// <summary>What an error of the disk is to callers.</summary>
    public static DurableStoreException Refused(string path, Exception failure) => failure.HResult is NoSpace or NoQuota
        ? new(StoreFault.Full, $"No room to write '{path}' ({failure.Message}). Free disk space; the engine tries again and has lost nothing.")
        : new(StoreFault.Disk, $"'{path}' cannot be used ({failure.Message}). The engine tries again; check the disk and its permissions.");

    // ENOSPC and EDQUOT, which .NET passes on as they are on Linux.
    const int NoSpace = 28;
    const int NoQuota = 122;

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
