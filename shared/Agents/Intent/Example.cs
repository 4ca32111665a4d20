namespace AiOs.Agents.Intent;

/// <summary>One training example, read: its n-grams, its sentence vector, and the number of its label.</summary>
sealed record Example(GramCounts Grams, float[] Embedding, int Label);

/// <summary>The two halves of what the classifier sees: weighted n-grams and a sentence vector, each of length <see cref="GramVocabulary.Share"/>.</summary>
readonly record struct Features(SparseVector Sparse, float[] Dense);
