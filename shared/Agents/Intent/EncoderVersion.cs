using Microsoft.Extensions.AI;

namespace AiOs.Agents.Intent;

/// <summary>Which model makes the vectors: a head only fits the one that it was trained on.</summary>
static class EncoderVersion
{
    /// <exception cref="InvalidOperationException">The generator does not say which model it is.</exception>
    public static string Of(IEmbeddingGenerator<string, Embedding<float>> encoder) => encoder.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId
        ?? throw new InvalidOperationException("The embedding generator does not name its model, so heads cannot be tied to it.");
}
