namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>What BM25 divides by: for each passage and each document k1 (1 - b + b length / mean length).</summary>
sealed class WordNorms
{
    /// <summary>Saturation and length normalisation, tuned with the rest on Cranfield's judged queries (k1 1.2 to 2.5, b 0.5 to 0.75).</summary>
    const float K1 = 2.0f, B = 0.65f;

    public WordNorms(LoadedIndex index)
    {
        var lengths = index.Part<int>(IndexPart.Lengths);
        var documents = new int[index.Documents.Count];
        for (var passage = 0; passage < lengths.Length; passage++)
            documents[index.DocumentOf[passage]] += lengths[passage];
        Passages = Norms(lengths);
        Documents = Norms(documents);
    }

    public float[] Passages { get; }

    public float[] Documents { get; }

    static float[] Norms(ReadOnlySpan<int> lengths)
    {
        var norms = new float[lengths.Length];
        double sum = 0;
        foreach (var length in lengths)
            sum += length;
        var mean = (float)Math.Max(1, sum / Math.Max(1, lengths.Length));
        for (var i = 0; i < norms.Length; i++)
            norms[i] = K1 * (1 - B + (B * lengths[i] / mean));
        return norms;
    }
}
