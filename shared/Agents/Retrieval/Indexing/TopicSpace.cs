using System.Numerics.Tensors;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>What the words of this knowledge mean to each other: latent semantic indexing (Deerwester et al., "Indexing by latent semantic analysis", JASIS 41(6), 1990),
/// the leading singular vectors of the passages' TF-IDF rows, found by subspace iteration from a random start (Halko, Martinsson, Tropp, SIAM Review 53(2), 2011).
/// It finds "aerofoil" for "wing" in texts of a field that no general encoder knows.</summary>
sealed class TopicSpace
{
    /// <summary>Too few passages teach nothing; 64 topics were best of 64, 128 and 200 on Cranfield.</summary>
    const int LeastPassages = 400, MostTopics = 64, Rounds = 4, Seed = 1;

    TopicSpace(int count, int[] rows, float[] stems, float[] passages, float[] documents) => (Count, Rows, Stems, Passages, Documents) = (count, rows, stems, passages, documents);

    public int Count { get; }

    /// <summary>Row of each stem in <see cref="Stems"/>, or -1.</summary>
    public int[] Rows { get; }

    public float[] Stems { get; }

    public float[] Passages { get; }

    public float[] Documents { get; }

    public static TopicSpace Learn(IReadOnlyList<(int Stem, int Count)[]> words, int stems, IReadOnlyList<(int First, int Count)> documents)
    {
        if (words.Count < LeastPassages)
            return new(0, [], [], [], []);
        var (rows, used, matrix) = Weighted(words, stems);
        var random = new Random(Seed);
        var meanings = new float[(long)used * MostTopics];
        for (var i = 0; i < meanings.Length; i++)
            meanings[i] = (random.NextSingle() * 2) - 1;
        var passages = new float[(long)words.Count * MostTopics];
        for (var round = 0; round < Rounds; round++)
        {
            Project(matrix, meanings, passages);
            Orthonormal.Columns(passages, MostTopics);
            Array.Clear(meanings);
            for (var passage = 0; passage < matrix.Length; passage++)
                foreach (var (row, weight) in matrix[passage])
                    Accumulate(passages.AsSpan(passage * MostTopics, MostTopics), weight, meanings.AsSpan(row * MostTopics, MostTopics));
        }

        Orthonormal.Columns(meanings, MostTopics);
        Project(matrix, meanings, passages);
        var sums = Sums(passages, documents);
        Normalise(passages);
        Normalise(sums);
        return new(MostTopics, rows, meanings, passages, sums);
    }

    /// <summary>The rows (1 + ln count) x inverse passage frequency, of length 1; stems of one passage only, or of half of them, say nothing of meaning.</summary>
    static (int[] Rows, int Used, (int Row, float Weight)[][] Matrix) Weighted(IReadOnlyList<(int Stem, int Count)[]> words, int stems)
    {
        var frequencies = new int[stems];
        foreach (var (stem, _) in words.SelectMany(w => w))
            frequencies[stem]++;
        var (rows, used) = (new int[stems], 0);
        for (var stem = 0; stem < stems; stem++)
            rows[stem] = frequencies[stem] >= 2 && frequencies[stem] < words.Count / 2 ? used++ : -1;
        var matrix = words.Select(passage =>
        {
            var row = passage.Where(p => rows[p.Stem] >= 0)
                .Select(p => (Row: rows[p.Stem], Weight: (1 + MathF.Log(p.Count)) * MathF.Log(1 + ((words.Count - frequencies[p.Stem] + 0.5f) / (frequencies[p.Stem] + 0.5f))))).ToArray();
            var length = MathF.Sqrt(row.Sum(r => r.Weight * r.Weight));
            return Array.ConvertAll(row, r => (r.Row, length > 0 ? r.Weight / length : 0));
        }).ToArray();
        return (rows, used, matrix);
    }

    static void Project((int Row, float Weight)[][] matrix, float[] meanings, float[] passages)
    {
        Array.Clear(passages);
        for (var passage = 0; passage < matrix.Length; passage++)
            foreach (var (row, weight) in matrix[passage])
                Accumulate(meanings.AsSpan(row * MostTopics, MostTopics), weight, passages.AsSpan(passage * MostTopics, MostTopics));
    }

    static void Accumulate(ReadOnlySpan<float> what, float weight, Span<float> into) => TensorPrimitives.MultiplyAdd(what, weight, into, into);

    static float[] Sums(float[] passages, IReadOnlyList<(int First, int Count)> documents)
    {
        var sums = new float[documents.Count * MostTopics];
        for (var document = 0; document < documents.Count; document++)
            for (var i = 0; i < documents[document].Count; i++)
                Accumulate(passages.AsSpan((documents[document].First + i) * MostTopics, MostTopics), 1, sums.AsSpan(document * MostTopics, MostTopics));
        return sums;
    }

    static void Normalise(float[] rows)
    {
        for (var at = 0; at < rows.Length; at += MostTopics)
        {
            var row = rows.AsSpan(at, MostTopics);
            if (TensorPrimitives.Norm(row) is var length and > 0)
                TensorPrimitives.Divide(row, length, row);
        }
    }
}
