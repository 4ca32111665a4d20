using System.Numerics.Tensors;
using AiOs.Agents.Retrieval.Indexing;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>What the sentence vectors say of every passage: exactly, or first by a sketch, of which it is known how far it can be off.</summary>
readonly ref struct VectorScores
{
    readonly LoadedIndex index;
    readonly ReadOnlySpan<float> query;
    readonly float share;

    VectorScores(LoadedIndex index, ReadOnlySpan<float> query, float share, float error)
    {
        this.index = index;
        this.query = query;
        this.share = share;
        Error = error;
    }

    /// <summary>How far a score can be off; 0 where all are exact.</summary>
    public float Error { get; }

    /// <summary>Writes the scores.</summary>
    public static VectorScores Of(LoadedIndex index, ReadOnlySpan<float> query, RetrievalOptions options, Span<float> into)
    {
        var (share, error) = ((float)options.VectorShare, 0f);
        if (query.Length != index.Dimensions || share == 0)
            return default;
        if (index.Passages >= options.LeastSketched && index.Sketch is { } sketch)
            error = share * Similarities.OfSketch(sketch, query, into);
        else
            Similarities.OfPassages(index, query, into);
        TensorPrimitives.Multiply(into, share, into);
        return new(index, query, share, error);
    }

    /// <summary>What makes the score of a passage exact.</summary>
    public float Correction(int passage) => share * (Similarities.OfPassage(index, query, passage) - Similarities.OfSketch(index.Sketch!, query, passage));
}
