namespace AiOs.Agents.Intent;

/// <summary>One training example, read: its n-grams, its sentence vector, the number of its label, and whether it is the name of an intent, which teaches but is never asked about.</summary>
sealed record Example(GramCounts Grams, float[] Embedding, int Label, bool IsName = false);

/// <summary>The two halves of what the classifier sees: weighted n-grams and a sentence vector, each of length <see cref="GramVocabulary.Share"/>.</summary>
readonly record struct Features(SparseVector Sparse, float[] Dense);
