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
            Meaning(query, vector, about);
            if (options.FeedbackPassages == 0 || index.Passages < options.LeastFeedback)
                return Join(query, about, readable, top);
            var told = Feedback.Expand(index, query, Join(query, about, readable, options.FeedbackPassages));
            return Join(told, about, readable, top);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(meaning);
        }
    }

    /// <summary>What does not depend on single words.</summary>
    void Meaning(List<(int Stem, float Weight)> query, ReadOnlySpan<float> vector, Span<float> about)
    {
        about.Clear();
        if (!vector.IsEmpty && options.VectorShare > 0)
        {
            Similarities.OfPassages(index, vector, about);
            TensorPrimitives.Multiply(about, (float)options.VectorShare, about);
        }

        if (index.Topics == 0 || options.TopicShare == 0)
            return;
        Span<float> topic = stackalloc float[index.Topics];
        Topic(query, topic);
        var rented = ArrayPool<float>.Shared.Rent(Math.Max(index.Passages, index.Documents.Count));
        var similar = rented.AsSpan(0, index.Passages);
        Similarities.OfRows(index.Part<float>(IndexPart.TopicPassages), topic, similar);
        TensorPrimitives.MultiplyAdd(similar, (float)options.TopicShare * (index.Undivided ? 1 : OwnTopics), about, about);
        if (!index.Undivided)
            DocumentTopics(topic, rented, about);
        ArrayPool<float>.Shared.Return(rented);
    }

    void DocumentTopics(ReadOnlySpan<float> topic, float[] rented, Span<float> about)
    {
        var similar = rented.AsSpan(0, index.Documents.Count);
        Similarities.OfRows(index.Part<float>(IndexPart.TopicDocuments), topic, similar);
        for (var passage = 0; passage < about.Length; passage++)
            about[passage] += (float)options.TopicShare * (1 - OwnTopics) * similar[index.DocumentOf[passage]];
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

    List<(int Passage, float Score)> Join(IEnumerable<(int Stem, float Weight)> query, ReadOnlySpan<float> about, bool[]? readable, int top)
    {
        using var words = WordScores.Of(index, query);
        words.Normalise(readable);
        var own = words.Passages;
        var documents = words.Documents;
        var best = new PriorityQueue<(int Passage, float Score), (float Score, int Passage)>(top + 1);
        var ownShare = index.Undivided ? 1 : OwnWords;
        var least = float.NegativeInfinity;
        for (var passage = 0; passage < own.Length; passage++)
        {
            var document = index.DocumentOf[passage];
            if (readable is not null && !readable[document])
                continue;
            var score = (ownShare * own[passage]) + (index.Undivided ? 0 : (1 - OwnWords) * documents[document]) + about[passage];
            if (score <= least)
                continue;
            best.Enqueue((passage, score), (score, -passage));
            if (best.Count > top)
                best.Dequeue();
            if (best.Count == top && best.TryPeek(out _, out var worst))
                least = worst.Score;
        }

        var order = new List<(int, float)>(best.Count);
        while (best.TryDequeue(out var found, out _))
            order.Add(found);
        order.Reverse();
        return order;
    }
}
