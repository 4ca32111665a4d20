using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>An index in memory, read by any number of threads.</summary>
sealed class LoadedIndex
{
    readonly byte[] blob;
    readonly IndexBlob.Header header;
    readonly (int At, int Length)[] parts;
    readonly Lazy<(ShortRows Passages, ShortRows Documents)> topicRows;
    readonly Lazy<VectorSketch?> sketch;

    /// <exception cref="InvalidDataException">The blob is no index.</exception>
    public LoadedIndex(byte[] blob)
    {
        this.blob = blob;
        (header, parts) = IndexBlob.Read(blob);
        try
        {
            Documents = JsonSerializer.Deserialize<IndexedDocument[]>(Part<byte>(IndexPart.Documents), AiOsJson.Options) ?? [];
        }
        catch (JsonException damaged)
        {
            throw new InvalidDataException("The knowledge index is damaged.", damaged);
        }

        DocumentOf = new int[Passages];
        if (!Consistent())
            throw new InvalidDataException("The knowledge index is damaged.");
        for (var passage = 0; passage < Passages; passage++)
            DocumentOf[passage] = Rows[passage].Document;
        Norms = new WordNorms(this);
        topicRows = new(() => (new ShortRows(Part<float>(IndexPart.TopicPassages), Topics), new ShortRows(Undivided ? [] : Part<float>(IndexPart.TopicDocuments), Topics)));
        sketch = new(() => Passages == 0 || !Part<float>(IndexPart.VectorScales).IsEmpty ? null : new VectorSketch(Part<float>(IndexPart.Vectors), Dimensions));
        Undivided = Documents.All(d => d.Passages == 1);
    }

    public string Encoder => header.Encoder;

    public int Passages => header.Passages;

    public int Dimensions => header.Dimensions;

    public int Topics => header.Topics;

    public IReadOnlyList<IndexedDocument> Documents { get; }

    /// <summary>Whether every document is one passage, so that what is said of the one is said of the other.</summary>
    public bool Undivided { get; }

    /// <summary>The document of each passage.</summary>
    public int[] DocumentOf { get; }

    public WordNorms Norms { get; }

    /// <summary>What each passage is about, and each document, as a scan reads it; made when first asked for.</summary>
    public (ShortRows Passages, ShortRows Documents) TopicRows => topicRows.Value;

    /// <summary>The vectors as a scan reads them; null where they are bytes already. Made when first asked for.</summary>
    public VectorSketch? Sketch => sketch.Value;

    /// <summary>Bytes in memory.</summary>
    public long Bytes => blob.LongLength + (3L * sizeof(int) * Passages) + Norms.Bytes
        + (topicRows.IsValueCreated ? TopicRows.Passages.Bytes + TopicRows.Documents.Bytes : 0) + (sketch.IsValueCreated ? Sketch?.Bytes ?? 0 : 0);

    /// <summary>The numbers of a part.</summary>
    public ReadOnlySpan<T> Part<T>(IndexPart part) where T : unmanaged => MemoryMarshal.Cast<byte, T>(blob.AsSpan(parts[(int)part].At, parts[(int)part].Length));

    ReadOnlySpan<PassageRow> Rows => Part<PassageRow>(IndexPart.Passages);

    /// <summary>A passage as it stands in its document.</summary>
    public (IndexedDocument Document, string Section, string Text, int Start) Passage(int passage)
    {
        var row = Rows[passage];
        var texts = Part<byte>(IndexPart.Texts);
        return (Documents[row.Document], Encoding.UTF8.GetString(texts.Slice(row.SectionAt, row.SectionLength)), Encoding.UTF8.GetString(texts.Slice(row.TextAt, row.TextLength)), row.Start);
    }

    /// <summary>The number of a stem, or -1.</summary>
    public int Stem(string stem)
    {
        var offsets = Part<int>(IndexPart.StemOffsets);
        var stems = Part<byte>(IndexPart.Stems);
        Span<byte> wanted = stackalloc byte[Encoding.UTF8.GetMaxByteCount(stem.Length)];   // a word has at most 40 characters
        wanted = wanted[..Encoding.UTF8.GetBytes(stem, wanted)];
        var (low, high) = (0, offsets.Length - 2);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = stems[offsets[middle]..offsets[middle + 1]].SequenceCompareTo(wanted);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }

    /// <summary>How many passages hold a stem.</summary>
    public int Frequency(int stem) => stem < 0 ? 0 : Part<int>(IndexPart.PostingOffsets) is var offsets ? offsets[stem + 1] - offsets[stem] : 0;

    /// <summary>How much a stem tells: its inverse passage frequency, as in BM25. One that stands nowhere tells most.</summary>
    public float Weight(int stem) => Weight(Passages, Frequency(stem));

    /// <summary>How much a stem tells that <paramref name="frequency"/> of so many passages hold.</summary>
    public static float Weight(int passages, int frequency) => MathF.Log(1 + ((passages - frequency + 0.5f) / (frequency + 0.5f)));

    bool Consistent()
    {
        var (n, stems, pairs) = (Passages, Part<int>(IndexPart.StemOffsets).Length - 1, Part<int>(IndexPart.PostingPassages).Length);
        var vectors = Part<float>(IndexPart.VectorScales).IsEmpty ? Part<float>(IndexPart.Vectors).Length : Part<byte>(IndexPart.Vectors).Length;
        return n >= 0 && stems >= 0 && Rows.Length == n && Documents.Sum(d => (long)d.Passages) == n
            && Part<int>(IndexPart.PostingOffsets) is var postings && postings.Length == stems + 1 && postings[^1] == pairs && Part<byte>(IndexPart.PostingCounts).Length == pairs
            && Part<int>(IndexPart.WordOffsets) is var words && words.Length == n + 1 && words[^1] == pairs && Part<int>(IndexPart.WordStems).Length == pairs && Part<byte>(IndexPart.WordCounts).Length == pairs
            && Part<int>(IndexPart.Lengths).Length == n && Part<int>(IndexPart.TopicRows).Length == (Topics == 0 ? 0 : stems)
            && Part<float>(IndexPart.TopicPassages).Length == (long)n * Topics && Part<float>(IndexPart.TopicDocuments).Length == (long)Documents.Count * Topics
            && vectors == (long)n * Dimensions;
    }
}
