using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>What is learnt about the inputs before any classifier: the vocabulary, the mean of the sentence vectors, and what differs within labels. Vectors are centred on
/// the mean and scaled to one length again, which takes out what all messages of an app have in common.</summary>
sealed class FeatureSpace
{
    FeatureSpace(GramVocabulary vocabulary, float[] mean, float[] whitening) => (Vocabulary, Mean, Whitening) = (vocabulary, mean, whitening);

    public GramVocabulary Vocabulary { get; }

    public float[] Mean { get; }

    /// <summary>The map from a centred vector to its whitened view (<see cref="WithinLabelWhitening"/>); empty where no classifier looks at it.</summary>
    public float[] Whitening { get; }

    /// <summary>Learns from examples; labels are looked at for <paramref name="whitened"/> alone.</summary>
    public static FeatureSpace Learn(IReadOnlyList<Example> examples, int vocabularyLimit, bool whitened)
    {
        var mean = new float[examples[0].Embedding.Length];
        foreach (var example in examples)
            TensorPrimitives.Add(mean, example.Embedding, mean);
        TensorPrimitives.Divide(mean, examples.Count, mean);
        var vocabulary = GramVocabulary.Learn([.. examples.Select(example => example.Grams)], vocabularyLimit);
        var plain = new FeatureSpace(vocabulary, mean, []);
        return whitened
            ? new(vocabulary, mean, WithinLabelWhitening.Learn([.. examples.Select(example => plain.Centre(example.Embedding))], [.. examples.Select(example => example.Label)]))
            : plain;
    }

    public PlacedExample Place(Example example)
    {
        var centred = Centre(example.Embedding);
        return new(Vocabulary.Weigh(example.Grams), centred, Whitening.Length == 0 ? [] : Scaled(Whitened(centred)));
    }

    float[] Centre(float[] embedding)
    {
        var centred = new float[Mean.Length];
        TensorPrimitives.Subtract(embedding, Mean, centred);
        return Scaled(centred);
    }

    float[] Whitened(float[] centred)
    {
        var whitened = new float[centred.Length];
        for (var i = 0; i < centred.Length; i++)
            TensorPrimitives.MultiplyAdd(Whitening.AsSpan(i * centred.Length, centred.Length), centred[i], whitened, whitened);
        return whitened;
    }

    static float[] Scaled(float[] vector)
    {
        var length = TensorPrimitives.Norm<float>(vector);
        if (length > 0)
            TensorPrimitives.Multiply(vector, GramVocabulary.Share / length, vector);
        return vector;
    }
}
