using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AiOs.Agents.Retrieval;

/// <summary>The blob of an index: a header, an SQLite database (passages, their words for FTS5, how many passages hold each stem) and the vectors, one row of
/// 32-bit floats a passage, little-endian. Read in place: nothing is unpacked, all connections share the one copy.</summary>
static class IndexBlob
{
    const int Alignment = 64;
    static readonly byte[] Magic = "AIOSKN01"u8.ToArray();

    /// <summary>Where the parts of an index lie.</summary>
    public sealed record Layout(string Encoder, int Documents, int Chunks, int Dimensions, int Database, int DatabaseLength, int Vectors);

    /// <summary>The blob of what was built in <paramref name="connection"/>.</summary>
    public static byte[] Write(SqliteConnection connection, string encoder, int documents, IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(encoder);
        writer.Write(documents);
        writer.Write(vectors.Count);
        writer.Write(vectors.Count > 0 ? vectors[0].Length : 0);
        var database = Serialize(connection);
        writer.Write(database.Length);
        Pad(writer);
        writer.Write(database);
        Pad(writer);
        foreach (var vector in vectors)
            writer.Write(MemoryMarshal.AsBytes(vector.Span));
        return stream.ToArray();
    }

    /// <summary>Checks a blob and says where its parts are.</summary>
    /// <exception cref="InvalidDataException">It is no index.</exception>
    public static Layout Read(byte[] blob)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(blob), Encoding.UTF8);
            if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic))
                throw new InvalidDataException("The blob is no knowledge index.");
            var (encoder, documents, chunks, dimensions, length) = (reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
            var database = Aligned((int)reader.BaseStream.Position);
            var vectors = Aligned(database + length);
            if (chunks < 0 || dimensions < 0 || length <= 0 || vectors + ((long)chunks * dimensions * sizeof(float)) != blob.Length)
                throw new InvalidDataException("The knowledge index is damaged.");
            return new Layout(encoder, documents, chunks, dimensions, database, length, vectors);
        }
        catch (Exception short_) when (short_ is EndOfStreamException or FormatException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException("The knowledge index is damaged.", short_);
        }
    }

    /// <summary>A connection that reads the database at <paramref name="address"/>, which must stay where it is until the connection is closed.</summary>
    public static SqliteConnection Open(IntPtr address, int length)
    {
        var connection = new SqliteConnection("Data Source=:memory:;Pooling=False");
        try
        {
            connection.Open();
            var code = raw.sqlite3_deserialize(connection.Handle, "main", address, length, length, raw.SQLITE_DESERIALIZE_READONLY);
            return code == raw.SQLITE_OK ? connection : throw new InvalidDataException("The knowledge index cannot be opened: SQLite says " + raw.sqlite3_errstr(code).utf8_to_string());
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    static byte[] Serialize(SqliteConnection connection)
    {
        var memory = raw.sqlite3_serialize(connection.Handle, "main", out var length, 0);
        if (memory == IntPtr.Zero || length > int.MaxValue)
            throw new InvalidDataException("The knowledge index is too large.");
        try
        {
            var bytes = new byte[length];
            Marshal.Copy(memory, bytes, 0, bytes.Length);
            return bytes;
        }
        finally
        {
            raw.sqlite3_free(memory);
        }
    }

    static void Pad(BinaryWriter writer)
    {
        var position = (int)writer.BaseStream.Position;
        writer.Write(new byte[Aligned(position) - position]);
    }

    static int Aligned(int offset) => (offset + Alignment - 1) / Alignment * Alignment;
}
