using System.Numerics.Tensors;
using AiOs.Models.Sentences;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Intent;

/// <summary>Turns labelled texts into what a model learns from: counts n-grams, asks the encoder for vectors.</summary>
static class ExampleReader
{
    /// <summary>The seed of the n-gram hashes of every head that is made now.</summary>
    public const ulong HashSeed = 0x5EED_0001;

    const int EmbeddedAtOnce = 256;

    /// <summary>The examples in the order of the texts; <paramref name="report"/> hears the share that is done.</summary>
    public static Task<Example[]> ReadAsync(LabelledTexts texts, IEmbeddingGenerator<string, Embedding<float>> encoder, Action<double> report, CancellationToken cancellationToken) =>
        ReadAsync(texts, async some => (await encoder.GenerateAsync(some, cancellationToken: cancellationToken)).Select(vector => (vector.Vector.ToArray(), Array.Empty<Half>())), report);

    /// <summary>As above, by the lower half of an encoder, with the states of the tokens.</summary>
    public static Task<Example[]> ReadWithStatesAsync(LabelledTexts texts, SentenceEncoder lower, Action<double> report, CancellationToken cancellationToken) =>
        ReadAsync(texts, async some => (await lower.ReadAsync(some, cancellationToken)).Select(reading => (reading.Vector, Halved(reading.States))), report);

    static async Task<Example[]> ReadAsync(LabelledTexts texts, Func<string[], Task<IEnumerable<(float[] Vector, Half[] States)>>> read, Action<double> report)
    {
        var examples = new List<Example>(texts.Texts.Count);
        foreach (var chunk in texts.Texts.Chunk(EmbeddedAtOnce))
        {
            report((double)examples.Count / texts.Texts.Count);
            var readings = await read([.. chunk.Select(text => text.Text)]);
            examples.AddRange(chunk.Zip(readings, (text, reading) => new Example(GramCounts.Of(text.Text, HashSeed), reading.Vector, text.Label, text.IsName) { States = reading.States }));
        }
        return [.. examples];
    }

    static Half[] Halved(float[] states)
    {
        var halves = new Half[states.Length];
        TensorPrimitives.ConvertToHalf(states, halves);
        return halves;
    }
}
