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
        Shares = Each(index.Part<int>(IndexPart.PostingPassages), index.Part<byte>(IndexPart.PostingCounts), Passages);
        Documents = Norms(documents);
    }

    public float[] Passages { get; }

    /// <summary>For each posting count / (count + norm of the passage): what is left to multiply is the weight of the stem.</summary>
    public float[] Shares { get; }

    /// <summary>Bytes in memory.</summary>
    public long Bytes => sizeof(float) * (Passages.LongLength + Documents.LongLength + Shares.LongLength);

    public float[] Documents { get; }

    static float[] Each(ReadOnlySpan<int> holders, ReadOnlySpan<byte> counts, float[] norms)
    {
        var shares = new float[holders.Length];
        for (var i = 0; i < shares.Length; i++)
            shares[i] = counts[i] / (counts[i] + norms[holders[i]]);
        return shares;
    }

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
