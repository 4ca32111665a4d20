using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Generation;

/// <summary>Vectors of sentences and words, those of the knowledge remembered.</summary>
sealed class SentenceVectors(IEmbeddingGenerator<string, Embedding<float>> encoder, int most)
{
    readonly ConcurrentDictionary<string, ReadOnlyMemory<float>> known = new(StringComparer.Ordinal);

    /// <summary>The vector of a question, which is not remembered, and those of <paramref name="texts"/>, in one go.</summary>
    public async Task<IReadOnlyDictionary<string, ReadOnlyMemory<float>>> OfAsync(string question, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var vectors = new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal);
        var fresh = new List<string> { question };
        foreach (var text in texts)
            if (text != question && !vectors.ContainsKey(text))
            {
                if (!known.TryGetValue(text, out var vector))
                    fresh.Add(text);
                vectors[text] = vector;
            }

        var made = await encoder.GenerateAsync(fresh, cancellationToken: cancellationToken);
        if (known.Count + fresh.Count > most)
            known.Clear();   // rare, and cheaper to fill again than to keep in order of use
        for (var n = 0; n < fresh.Count; n++)
        {
            vectors[fresh[n]] = made[n].Vector;
            if (n > 0 && fresh.Count <= most)
                known.TryAdd(fresh[n], made[n].Vector);
        }

        return vectors;
    }
}
