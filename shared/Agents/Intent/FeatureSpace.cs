using System.Numerics.Tensors;

namespace AiOs.Agents.Intent;

/// <summary>What is learnt about the inputs before any label: the vocabulary, and the mean of the sentence vectors. Vectors are centred on
/// that mean and scaled to one length again, which takes out what all messages of an app have in common.</summary>
sealed class FeatureSpace
{
    FeatureSpace(GramVocabulary vocabulary, float[] mean) => (Vocabulary, Mean) = (vocabulary, mean);

    public GramVocabulary Vocabulary { get; }

    public float[] Mean { get; }

    /// <summary>Learns from examples (labels are not looked at).</summary>
    public static FeatureSpace Learn(IReadOnlyList<Example> examples, int vocabularyLimit)
    {
        var mean = new float[examples[0].Embedding.Length];
        foreach (var example in examples)
            TensorPrimitives.Add(mean, example.Embedding, mean);
        TensorPrimitives.Divide(mean, examples.Count, mean);
        return new(GramVocabulary.Learn([.. examples.Select(example => example.Grams)], vocabularyLimit), mean);
    }

    public Features Place(Example example)
    {
        var dense = new float[Mean.Length];
        TensorPrimitives.Subtract(example.Embedding, Mean, dense);
        var length = TensorPrimitives.Norm<float>(dense);
        if (length > 0)
            TensorPrimitives.Multiply(dense, GramVocabulary.Share / length, dense);
        return new(Vocabulary.Weigh(example.Grams), dense);
    }
}
