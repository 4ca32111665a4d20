using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace AiOs.Agents.Intent;

/// <summary>A text as sparse numbers: row numbers of the vocabulary and their weights.</summary>
readonly record struct SparseVector(long[] Index, float[] Weight);

/// <summary>The n-grams that a head knows, with their inverse document frequencies: sublinear TF-IDF (1 + ln tf) x (ln((1 + n) / (1 + df)) + 1),
/// word and character grams each scaled to the same length, both together to length <see cref="Share"/>.
/// Source: Manning, Raghavan, Schuetze, Introduction to Information Retrieval, 6.4.</summary>
sealed class GramVocabulary
{
    /// <summary>The length of every non-empty vector: the sparse half of a unit vector whose other half is dense.</summary>
    public static readonly float Share = MathF.Sqrt(0.5f);

    const int EntryBytes = sizeof(ulong) + sizeof(float);
    readonly Dictionary<ulong, int> rows;
    readonly float[] frequencies;

    GramVocabulary(Dictionary<ulong, int> rows, float[] frequencies) => (this.rows, this.frequencies) = (rows, frequencies);

    /// <summary>How many n-grams are known.</summary>
    public int Count => frequencies.Length;

    /// <summary>Learns from <paramref name="texts"/>; of more than <paramref name="limit"/> n-grams those in the most texts stay.</summary>
    public static GramVocabulary Learn(IReadOnlyList<GramCounts> texts, int limit)
    {
        var documents = new Dictionary<ulong, int>();
        foreach (var text in texts)
            foreach (var gram in text.Words.Keys.Concat(text.Chars.Keys))
                documents[gram] = documents.GetValueOrDefault(gram) + 1;
        var kept = documents.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key).Take(limit).ToArray();
        var numbered = new Dictionary<ulong, int>(kept.Length);
        foreach (var (gram, _) in kept)
            numbered.Add(gram, numbered.Count);
        return new(numbered, [.. kept.Select(entry => (float)(Math.Log((1.0 + texts.Count) / (1 + entry.Value)) + 1))]);
    }

    /// <summary>The text in this vocabulary; n-grams that are not known are left out.</summary>
    public SparseVector Weigh(GramCounts text)
    {
        var (index, weight) = (new List<long>(), new List<float>());
        Weigh(text.Words, index, weight);
        Weigh(text.Chars, index, weight);
        return new([.. index], [.. weight]);
    }

    void Weigh(Dictionary<ulong, int> grams, List<long> index, List<float> weight)
    {
        var start = weight.Count;
        foreach (var (gram, count) in grams)
            if (rows.TryGetValue(gram, out var row))
            {
                index.Add(row);
                weight.Add((1 + MathF.Log(count)) * frequencies[row]);
            }
        var block = CollectionsMarshal.AsSpan(weight)[start..];
        if (block.Length > 0)
            TensorPrimitives.Multiply(block, Share * Share / TensorPrimitives.Norm<float>(block), block);
    }

    /// <summary>The vocabulary as bytes: per row the hash and the frequency, little-endian.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[Count * EntryBytes];
        foreach (var (gram, row) in rows)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(row * EntryBytes), gram);
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(row * EntryBytes + sizeof(ulong)), frequencies[row]);
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are no vocabulary.</exception>
    public static GramVocabulary Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % EntryBytes != 0)
            throw new InvalidDataException("its vocabulary is cut off");
        var learnt = new float[bytes.Length / EntryBytes];
        var numbered = new Dictionary<ulong, int>(learnt.Length);
        for (var row = 0; row < learnt.Length; row++)
        {
            var entry = bytes[(row * EntryBytes)..];
            learnt[row] = BinaryPrimitives.ReadSingleLittleEndian(entry[sizeof(ulong)..]);
            if (!numbered.TryAdd(BinaryPrimitives.ReadUInt64LittleEndian(entry), row) || !float.IsFinite(learnt[row]))
                throw new InvalidDataException("its vocabulary is damaged");
        }
        return new(numbered, learnt);
    }
}
