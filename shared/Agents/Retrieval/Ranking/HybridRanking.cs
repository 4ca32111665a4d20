using System.Buffers;
using System.Numerics.Tensors;
using AiOs.Agents.Retrieval.Indexing;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>Ranks every passage by one sum: its words and its document's (BM25), what both are about (topics), and its sentence vector. What the first ranking finds tells the query
/// better (<see cref="Feedback"/>), and the words are ranked again. Documents that the reader may not see take part in nothing.</summary>
sealed class HybridRanking(LoadedIndex index, RetrievalOptions options)
{
    /// <summary>How much of the score for words, and for topics, comes from the passage itself; the rest from its whole document. On Cranfield anything from 0 to 0.5 is within 0.01.</summary>
    const float OwnWords = 0.25f, OwnTopics = 0.3f;

    /// <summary>The best passages, best first; at equal scores the earlier one.</summary>
    /// <param name="stems">Of the query, with repetitions.</param>
    /// <param name="vector">Of the query; empty for words alone.</param>
    /// <param name="readable">Which documents the reader may see; null for all.</param>
    /// <param name="top">How many.</param>
    public List<(int Passage, float Score)> Rank(IEnumerable<string> stems, ReadOnlySpan<float> vector, bool[]? readable, int top)
    {
        var query = stems.GroupBy(s => s, StringComparer.Ordinal).Select(g => (Stem: index.Stem(g.Key), Weight: (float)g.Count())).Where(q => q.Stem >= 0).ToList();
        var meaning = ArrayPool<float>.Shared.Rent(index.Passages);
        try
        {
            var about = meaning.AsSpan(0, index.Passages);
            about.Clear();
            var vectors = VectorScores.Of(index, vector, options, about);
            AddTopics(query, about);
            if (options.FeedbackPassages == 0 || index.Passages < options.LeastFeedback)
                return Join(query, about, vectors, readable, top);
            var told = Feedback.Expand(index, query, Join(query, about, vectors, readable, options.FeedbackPassages));
            return Join(told, about, vectors, readable, top);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(meaning);
        }
    }

    void AddTopics(List<(int Stem, float Weight)> query, Span<float> about)
    {
        if (index.Topics == 0 || options.TopicShare == 0)
            return;
        Span<float> topic = stackalloc float[index.Topics];
        Topic(query, topic);
        var rented = ArrayPool<float>.Shared.Rent(Math.Max(index.Passages, index.Documents.Count));
        var similar = rented.AsSpan(0, index.Passages);
        index.TopicRows.Passages.Multiply(topic, similar);
        TensorPrimitives.MultiplyAdd(similar, (float)options.TopicShare * (index.Undivided ? 1 : OwnTopics), about, about);
        if (!index.Undivided)
        {
            var ofDocuments = rented.AsSpan(0, index.Documents.Count);
            index.TopicRows.Documents.Multiply(topic, ofDocuments);
            AddToPassages(ofDocuments, (float)options.TopicShare * (1 - OwnTopics), about);
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Gives each passage what its document has. The passages of a document are neighbours.</summary>
    void AddToPassages(ReadOnlySpan<float> ofDocuments, float share, Span<float> passages)
    {
        var documents = index.Documents;
        for (var document = 0; document < documents.Count; document++)
            if (share * ofDocuments[document] is var score && score != 0)
                foreach (ref var passage in passages.Slice(documents[document].First, documents[document].Passages))
                    passage += score;
    }

    void Topic(List<(int Stem, float Weight)> query, Span<float> topic)
    {
        topic.Clear();
        var rows = index.Part<int>(IndexPart.TopicRows);
        var meanings = index.Part<float>(IndexPart.TopicStems);
        foreach (var (stem, weight) in query)
            if (rows[stem] is var row and >= 0)
                TensorPrimitives.MultiplyAdd(meanings.Slice(row * topic.Length, topic.Length), weight * index.Weight(stem), topic, topic);
        if (TensorPrimitives.Norm<float>(topic) is var length and > 0)
            TensorPrimitives.Divide(topic, length, topic);
    }

    List<(int Passage, float Score)> Join(IEnumerable<(int Stem, float Weight)> query, ReadOnlySpan<float> about, VectorScores vectors, bool[]? readable, int top)
    {
        using var words = WordScores.Of(index, query);
        words.LeaveOut(readable);
        var total = words.Passages;
        TensorPrimitives.MultiplyAdd(total, (index.Undivided ? 1 : OwnWords) * WordScores.Scale(total), about, total);
        if (!index.Undivided)
            AddToPassages(words.Documents, (1 - OwnWords) * WordScores.Scale(words.Documents), total);
        if (readable is not null)
            for (var document = 0; document < readable.Length; document++)
                if (!readable[document])
                    total.Slice(index.Documents[document].First, index.Documents[document].Passages).Fill(float.NegativeInfinity);
        var best = Best.Of(total, top);
        if (vectors.Error == 0 || best.Count == 0)
            return best;
        // Whoever is not within twice the error of the last of them cannot be among the best; the others are compared exactly.
        var near = best.Count < top ? Best.Above(total, float.MinValue) : Best.Above(total, best[^1].Score - (2 * vectors.Error));
        foreach (ref var passage in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(near))
            passage.Score += vectors.Correction(passage.Passage);
        near.Sort(static (a, b) => b.Score.CompareTo(a.Score) is var order and not 0 ? order : a.Passage.CompareTo(b.Passage));
        return near.Count <= top ? near : near.GetRange(0, top);
    }
}
