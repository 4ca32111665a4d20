using System.Buffers;
using System.Numerics.Tensors;
using AiOs.Agents.Retrieval.Indexing;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>BM25 (Robertson, Zaragoza, "The probabilistic relevance framework", FnTIR 3(4), 2009) of every passage and of every document, a stem at a time.
/// The passages of a document are neighbours, so one walk over a stem's postings counts for both.</summary>
sealed class WordScores : IDisposable
{
    readonly LoadedIndex index;
    readonly float[] passages, documents;

    WordScores(LoadedIndex index)
    {
        this.index = index;
        passages = ArrayPool<float>.Shared.Rent(index.Passages);
        documents = ArrayPool<float>.Shared.Rent(index.Documents.Count);
        Passages.Clear();
        Documents.Clear();
    }

    public Span<float> Passages => passages.AsSpan(0, index.Passages);

    public Span<float> Documents => documents.AsSpan(0, index.Documents.Count);

    public static WordScores Of(LoadedIndex index, IEnumerable<(int Stem, float Weight)> query)
    {
        var scores = new WordScores(index);
        foreach (var (stem, weight) in query)
            scores.Add(stem, weight * index.Weight(stem));
        return scores;
    }

    /// <summary>What is left out takes part in nothing.</summary>
    public void LeaveOut(bool[]? readable)
    {
        if (readable is not null)
            for (var document = 0; document < readable.Length; document++)
                if (!readable[document])
                {
                    Documents[document] = 0;
                    Passages.Slice(index.Documents[document].First, index.Documents[document].Passages).Clear();
                }
    }

    /// <summary>What makes the best of them 1, so that they can be joined with other measures.</summary>
    public static float Scale(ReadOnlySpan<float> scores) => !scores.IsEmpty && TensorPrimitives.Max(scores) is var best and > 0 ? 1 / best : 0;

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(passages);
        ArrayPool<float>.Shared.Return(documents);
    }

    void Add(int stem, float weight)
    {
        var offsets = index.Part<int>(IndexPart.PostingOffsets);
        var (from, length) = (offsets[stem], offsets[stem + 1] - offsets[stem]);
        var holders = index.Part<int>(IndexPart.PostingPassages).Slice(from, length);
        var counts = index.Part<byte>(IndexPart.PostingCounts).Slice(from, length);
        var shares = index.Norms.Shares.AsSpan(from, length);
        if (index.Undivided)
        {
            var scores = passages;
            for (var i = 0; i < holders.Length; i++)
                scores[holders[i]] += weight * shares[i];
            return;
        }

        var own = Passages;
        var all = Documents;
        var documentOf = index.DocumentOf;
        var documentNorms = index.Norms.Documents;
        var (open, held) = (-1, 0);
        for (var i = 0; i < holders.Length; i++)
        {
            var (passage, count) = (holders[i], counts[i]);
            own[passage] += weight * shares[i];
            if (documentOf[passage] is var document && document != open)
            {
                if (open >= 0) all[open] += weight * held / (held + documentNorms[open]);
                (open, held) = (document, 0);
            }

            held += count;
        }

        if (open >= 0) all[open] += weight * held / (held + documentNorms[open]);
    }
}
