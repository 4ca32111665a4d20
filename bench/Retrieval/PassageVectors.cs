using AiOs.Models.Sentences;
using Microsoft.Extensions.AI;

namespace AiOs.Bench.Retrieval;

/// <summary>The real encoder for queries; for passages (which come in batches) a random direction, because comparing costs the same whatever the numbers are and encoding 100,000 passages takes ten minutes.</summary>
sealed class PassageVectors(SentenceEncoder encoder) : IEmbeddingGenerator<string, Embedding<float>>
{
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. values];
        return texts.Length == 1 ? await encoder.GenerateAsync(texts, options, cancellationToken)
            : [.. texts.Select(text => new Embedding<float>(Direction(string.GetHashCode(text, StringComparison.Ordinal))))];
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => encoder.GetService(serviceType, serviceKey);

    public void Dispose() => encoder.Dispose();

    float[] Direction(int seed)
    {
        var random = new Random(seed);
        var vector = new float[encoder.Dimensions];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = random.NextSingle() + random.NextSingle() - 1;
        var length = MathF.Sqrt(vector.Sum(v => v * v));
        return Array.ConvertAll(vector, v => v / length);
    }
}
