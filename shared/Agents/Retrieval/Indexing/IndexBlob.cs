using System.Runtime.InteropServices;
using System.Text;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>The blob of an index: what it is, a table of its parts, the parts. Read in place: nothing is unpacked, all searches share the one copy.</summary>
static class IndexBlob
{
    const int Alignment = 64;
    static readonly byte[] Magic = "AIOSKN02"u8.ToArray();

    /// <summary>Number of parts.</summary>
    public static readonly int Parts = Enum.GetValues<IndexPart>().Length;

    /// <summary>What an index is.</summary>
    /// <param name="Encoder">Names the encoder of its vectors.</param>
    /// <param name="Passages">How many passages it holds.</param>
    /// <param name="Dimensions">Numbers of each vector.</param>
    /// <param name="Topics">Numbers of each topic row; 0 where there are too few passages to learn any.</param>
    public sealed record Header(string Encoder, int Passages, int Dimensions, int Topics);

    /// <summary>The blob of <paramref name="parts"/>.</summary>
    /// <exception cref="InvalidDataException">Together they exceed 2 GB.</exception>
    public static byte[] Write(Header header, IReadOnlyDictionary<IndexPart, byte[]> parts)
    {
        using var head = new MemoryStream();
        using var writer = new BinaryWriter(head, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(header.Encoder);
        writer.Write(header.Passages);
        writer.Write(header.Dimensions);
        writer.Write(header.Topics);
        var table = new (int At, int Length)[Parts];
        long at = Aligned(head.Length + ((long)Parts * 2 * sizeof(int)));
        for (var part = 0; part < Parts; part++)
        {
            var length = parts[(IndexPart)part].Length;
            if (Aligned(at + length) > Array.MaxLength)
                throw new InvalidDataException("The knowledge is too large: its index would exceed 2 GB.");
            table[part] = ((int)at, length);
            at = Aligned(at + length);
        }

        foreach (var (start, length) in table)
        {
            writer.Write(start);
            writer.Write(length);
        }

        var blob = new byte[at];
        head.ToArray().CopyTo(blob, 0);
        for (var part = 0; part < Parts; part++)
            parts[(IndexPart)part].CopyTo(blob, table[part].At);
        return blob;
    }

    /// <summary>Checks a blob and says where its parts are.</summary>
    /// <exception cref="InvalidDataException">It is no index.</exception>
    public static (Header Header, (int At, int Length)[] Parts) Read(byte[] blob)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(blob), Encoding.UTF8);
            if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic))
                throw new InvalidDataException("The blob is no knowledge index of this version; deploy the app again.");
            var header = new Header(reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
            var table = new (int At, int Length)[Parts];
            for (var part = 0; part < Parts; part++)
            {
                table[part] = (reader.ReadInt32(), reader.ReadInt32());
                if (table[part].At < 0 || table[part].Length < 0 || (long)table[part].At + table[part].Length > blob.Length)
                    throw new InvalidDataException("The knowledge index is damaged.");
            }

            return (header, table);
        }
        catch (Exception short_) when (short_ is EndOfStreamException or FormatException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException("The knowledge index is damaged.", short_);
        }
    }

    /// <summary>The bytes of numbers.</summary>
    public static byte[] Bytes<T>(ReadOnlySpan<T> numbers) where T : unmanaged => MemoryMarshal.AsBytes(numbers).ToArray();

    static long Aligned(long offset) => (offset + Alignment - 1) / Alignment * Alignment;
}
