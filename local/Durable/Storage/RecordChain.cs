using System.IO.Hashing;
using System.Security.Cryptography;

namespace AiOs.Local.Durable.Storage;

/// <summary>
/// The digests that chain the records of a <see cref="RedoLog"/>. A record's digest is XXH128 (xxHash specification 0.2.0, XXH3 of 128 bits) over all of it, with the digest before it in
/// the digest's own place; before the first one stands the file's id. It tells what is torn and what is of an earlier round, and is not there against forgers.
/// </summary>
/// <param name="id">The file's id, 16 bytes.</param>
/// <param name="version">The version of the file (<see cref="Schema"/>) that wrote the log.</param>
sealed class RecordChain(byte[] id, long version)
{
    /// <summary>Where in a record its digest stands.</summary>
    public const int At = 20;

    /// <summary>Its bytes.</summary>
    public const int Length = 16;

    readonly byte[] origin = version == Schema.WithShaLog ? new byte[Length] : id;
    byte[]? last;

    /// <summary>The next record is the first.</summary>
    public void Restart() => last = null;

    /// <summary>Writes the digest into the next record, and returns it for <see cref="Add"/>.</summary>
    public byte[] Sign(Span<byte> record)
    {
        var digest = Digest(record);
        digest.CopyTo(record[At..]);
        return digest;
    }

    /// <summary>That record is in the log.</summary>
    public void Add(byte[] digest) => last = digest;

    /// <summary>Whether a record is the next one; then it counts.</summary>
    public bool TryFollow(ReadOnlySpan<byte> record)
    {
        var stored = record.Slice(At, Length).ToArray();
        if (!Digest(record.ToArray()).AsSpan().SequenceEqual(stored))
            return false;
        Add(stored);
        return true;
    }

    // Leaves the digest before it in its place.
    byte[] Digest(Span<byte> record)
    {
        (last ?? origin).CopyTo(record[At..]);
        return version == Schema.WithShaLog ? SHA256.HashData([.. id, .. record[At..(At + Length)], .. record[..At], .. record[(At + Length)..]])[..Length] : XxHash128.Hash(record);
    }
}
