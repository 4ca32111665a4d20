using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>An index while it is built, in memory.</summary>
sealed class IndexDraft
{
    /// <summary>A word in a heading counts as much as two in the text.</summary>
    const int HeadingShare = 2;

    readonly List<IndexedDocument> documents = [];
    readonly List<PassageRow> rows = [];
    readonly MemoryStream texts = new();
    readonly Dictionary<string, int> stems = new(StringComparer.Ordinal);
    readonly List<(int Stem, int Count)[]> words = [];

    /// <summary>What the encoder reads of each passage.</summary>
    public List<string> Texts { get; } = [];

    public void Add(KnowledgeFile file, string digest, IReadOnlyList<Chunk> chunks)
    {
        documents.Add(new IndexedDocument(file.Path, digest, rows.Count, chunks.Count, file.Roles));
        foreach (var chunk in chunks)
            Add(chunk.Section, file.Text[chunk.Start..chunk.End], chunk.Start);
    }

    /// <summary>Takes a document over from another index.</summary>
    public void Add(LoadedIndex other, int document)
    {
        var known = other.Documents[document];
        documents.Add(known with { First = rows.Count });
        for (var passage = known.First; passage < known.First + known.Passages; passage++)
            if (other.Passage(passage) is var (_, section, text, start))
                Add(section, text, start);
    }

    void Add(string section, string text, int start)
    {
        var (sectionAt, sectionLength) = Store(section);
        var (at, length) = Store(text);
        rows.Add(new PassageRow(documents.Count - 1, start, sectionAt, sectionLength, at, length));
        words.Add(Count(section, text));
        Texts.Add(Readable(section, text));
    }

    /// <summary>Copies the vectors of the documents that <paramref name="earlier"/> holds unchanged.</summary>
    public void Reuse(LoadedIndex earlier, ReadOnlyMemory<float>[] vectors)
    {
        if (!earlier.Part<float>(IndexPart.VectorScales).IsEmpty)
            return;   // bytes are no source of floats
        var known = earlier.Documents.ToDictionary(d => (d.Path, d.Digest));
        foreach (var document in documents)
            if (known.TryGetValue((document.Path, document.Digest), out var same) && same.Passages == document.Passages)
                for (var i = 0; i < same.Passages; i++)
                    vectors[document.First + i] = earlier.Part<float>(IndexPart.Vectors).Slice((same.First + i) * earlier.Dimensions, earlier.Dimensions).ToArray();
    }

    /// <summary>The finished blob.</summary>
    public byte[] Finish(string encoder, IReadOnlyList<ReadOnlyMemory<float>> vectors, int mostExact)
    {
        Sort();
        var dimensions = vectors.Count > 0 ? vectors[0].Length : 0;
        var topics = TopicSpace.Learn(words, stems.Count, [.. documents.Select(d => (d.First, d.Passages))]);
        var (numbers, scales) = vectors.Count > mostExact ? ByteVectors.Of(vectors) : (Floats(vectors, dimensions), []);
        var parts = new Dictionary<IndexPart, byte[]>
        {
            [IndexPart.Documents] = JsonSerializer.SerializeToUtf8Bytes(documents, AiOsJson.Options),
            [IndexPart.Passages] = IndexBlob.Bytes<PassageRow>(CollectionsMarshal.AsSpan(rows)),
            [IndexPart.Texts] = texts.ToArray(),
            [IndexPart.Lengths] = IndexBlob.Bytes<int>(words.Select(w => w.Sum(p => p.Count)).ToArray()),
            [IndexPart.TopicRows] = IndexBlob.Bytes<int>(topics.Rows),
            [IndexPart.TopicStems] = IndexBlob.Bytes<float>(topics.Stems),
            [IndexPart.TopicPassages] = IndexBlob.Bytes<float>(topics.Passages),
            [IndexPart.TopicDocuments] = IndexBlob.Bytes<float>(topics.Documents),
            [IndexPart.Vectors] = numbers,
            [IndexPart.VectorScales] = IndexBlob.Bytes<float>(scales),
        };
        AddWords(parts);
        AddPostings(parts);
        return IndexBlob.Write(new(encoder, rows.Count, dimensions, topics.Count), parts);
    }

    (int At, int Length) Store(string text)
    {
        var (at, bytes) = ((int)texts.Length, Encoding.UTF8.GetBytes(text));
        texts.Write(bytes);
        return (at, bytes.Length);
    }

    (int Stem, int Count)[] Count(string section, string text)
    {
        var counts = new Dictionary<int, int>();
        foreach (var (stem, share) in Terms.Of(section).Select(s => (s, HeadingShare)).Concat(Terms.Of(text).Select(s => (s, 1))))
        {
            if (!stems.TryGetValue(stem, out var number))
                stems.Add(stem, number = stems.Count);
            counts[number] = Math.Min(byte.MaxValue, counts.GetValueOrDefault(number) + share);
        }

        return [.. counts.Select(c => (c.Key, c.Value))];
    }

    /// <summary>Numbers the stems anew, in the order of their bytes.</summary>
    void Sort()
    {
        var ordered = stems.Select(s => (Bytes: Encoding.UTF8.GetBytes(s.Key), s.Value)).ToArray();
        Array.Sort(ordered, (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
        var places = new int[ordered.Length];
        for (var place = 0; place < ordered.Length; place++)
            places[ordered[place].Value] = place;
        foreach (var passage in words)
        {
            for (var i = 0; i < passage.Length; i++)
                passage[i].Stem = places[passage[i].Stem];
            Array.Sort(passage, (a, b) => a.Stem.CompareTo(b.Stem));
        }

        names = [.. ordered.Select(o => o.Bytes)];
    }

    byte[][] names = [];

    void AddWords(Dictionary<IndexPart, byte[]> parts)
    {
        parts[IndexPart.WordOffsets] = IndexBlob.Bytes<int>(Offsets(words.Select(w => w.Length)));
        parts[IndexPart.WordStems] = IndexBlob.Bytes<int>(words.SelectMany(w => w.Select(p => p.Stem)).ToArray());
        parts[IndexPart.WordCounts] = [.. words.SelectMany(w => w.Select(p => (byte)p.Count))];
    }

    void AddPostings(Dictionary<IndexPart, byte[]> parts)
    {
        var lengths = new int[names.Length];
        foreach (var (stem, _) in words.SelectMany(w => w))
            lengths[stem]++;
        var offsets = Offsets(lengths);
        var (next, passages, counts) = (offsets[..^1].ToArray(), new int[offsets[^1]], new byte[offsets[^1]]);
        for (var passage = 0; passage < words.Count; passage++)
            foreach (var (stem, count) in words[passage])
            {
                passages[next[stem]] = passage;
                counts[next[stem]++] = (byte)count;
            }

        parts[IndexPart.StemOffsets] = IndexBlob.Bytes<int>(Offsets(names.Select(n => n.Length)));
        parts[IndexPart.Stems] = [.. names.SelectMany(n => n)];
        parts[IndexPart.PostingOffsets] = IndexBlob.Bytes<int>(offsets);
        parts[IndexPart.PostingPassages] = IndexBlob.Bytes<int>(passages);
        parts[IndexPart.PostingCounts] = counts;
    }

    static int[] Offsets(IEnumerable<int> lengths)
    {
        List<int> offsets = [0];
        foreach (var length in lengths)
            offsets.Add(checked(offsets[^1] + length));
        return [.. offsets];
    }

    static byte[] Floats(IReadOnlyList<ReadOnlyMemory<float>> vectors, int dimensions)
    {
        var bytes = new byte[checked((long)vectors.Count * dimensions * sizeof(float))];
        for (var row = 0; row < vectors.Count; row++)
            MemoryMarshal.AsBytes(vectors[row].Span).CopyTo(bytes.AsSpan(row * dimensions * sizeof(float)));
        return bytes;
    }

    /// <summary>A passage as the encoder reads it: under the heading nearest to it, without marks.</summary>
    public static string Readable(string section, string text)
    {
        var heading = section.LastIndexOf(" > ", StringComparison.Ordinal) is var cut && cut < 0 ? section : section[(cut + 3)..];
        return heading.Length > 0 ? heading + ". " + MarkdownText.Plain(text) : MarkdownText.Plain(text);
    }
}
