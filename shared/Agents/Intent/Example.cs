namespace AiOs.Agents.Intent;

/// <summary>One training example, read: its n-grams, its sentence vector, the number of its label, and whether it is the name of an intent, which teaches but is never asked about.</summary>
sealed record Example(GramCounts Grams, float[] Embedding, int Label, bool IsName = false)
{
    /// <summary>Its tokens as they are halfway through the encoder, row-major; empty where nothing is tuned.</summary>
    public Half[] States { get; init; } = [];
}

/// <summary>The two halves of what a classifier sees: weighted n-grams and a sentence vector, each of length <see cref="GramVocabulary.Share"/>.</summary>
readonly record struct Features(SparseVector Sparse, float[] Dense);

/// <summary>How a classifier looks at the sentence vector.</summary>
enum View
{
    /// <summary>Centred on the mean of all examples.</summary>
    Plain,

    /// <summary>Centred, and what differs within labels made small (<see cref="WithinLabelWhitening"/>).</summary>
    Whitened,
}

/// <summary>An example in a <see cref="FeatureSpace"/>: its n-grams, and its sentence vector in both views.</summary>
readonly record struct PlacedExample(SparseVector Sparse, float[] Plain, float[] Whitened)
{
    /// <summary>What a classifier with this view sees.</summary>
    public Features Seen(View view) => new(Sparse, view == View.Plain ? Plain : Whitened);
}
