using Microsoft.Extensions.AI;

namespace AiOs.Agents.Intent;

/// <summary>Turns labelled texts into what a model learns from: counts n-grams, asks the encoder for vectors.</summary>
static class ExampleReader
{
    /// <summary>The seed of the n-gram hashes of every head that is made now.</summary>
    public const ulong HashSeed = 0x5EED_0001;

    const int EmbeddedAtOnce = 256;

    /// <summary>The examples in the order of the texts; <paramref name="report"/> hears the share that is done.</summary>
    public static async Task<Example[]> ReadAsync(
        LabelledTexts texts, IEmbeddingGenerator<string, Embedding<float>> encoder, Action<double> report, CancellationToken cancellationToken)
    {
        var examples = new List<Example>(texts.Texts.Count);
        foreach (var chunk in texts.Texts.Chunk(EmbeddedAtOnce))
        {
            report((double)examples.Count / texts.Texts.Count);
            var vectors = await encoder.GenerateAsync(chunk.Select(text => text.Text), cancellationToken: cancellationToken);
            examples.AddRange(chunk.Zip(vectors, (text, vector) => new Example(GramCounts.Of(text.Text, HashSeed), vector.Vector.ToArray(), text.Label, text.IsName)));
        }
        return [.. examples];
    }
}
