using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Generation;

/// <summary>Vectors of sentences, those of the knowledge remembered.</summary>
sealed class SentenceVectors(IEmbeddingGenerator<string, Embedding<float>> encoder, int most)
{
    readonly ConcurrentDictionary<string, ReadOnlyMemory<float>> known = new(StringComparer.Ordinal);

    /// <summary>The vector of a question, which is not remembered, and those of <paramref name="sentences"/>, in one go.</summary>
    public async Task<(ReadOnlyMemory<float> Question, IReadOnlyList<ReadOnlyMemory<float>> Sentences)> OfAsync(string question, IReadOnlyList<string> sentences, CancellationToken cancellationToken)
    {
        var vectors = new ReadOnlyMemory<float>[sentences.Count];
        List<int> fresh = [];
        for (var i = 0; i < sentences.Count; i++)
            if (!known.TryGetValue(sentences[i], out vectors[i]))
                fresh.Add(i);
        var made = await encoder.GenerateAsync([question, .. fresh.Select(i => sentences[i])], cancellationToken: cancellationToken);
        if (known.Count + fresh.Count > most)
            known.Clear();   // rare, and cheaper to fill again than to keep in order of use
        for (var n = 0; n < fresh.Count; n++)
        {
            vectors[fresh[n]] = made[n + 1].Vector;
            if (fresh.Count <= most)
                known.TryAdd(sentences[fresh[n]], made[n + 1].Vector);
        }

        return (made[0].Vector, vectors);
    }
}
