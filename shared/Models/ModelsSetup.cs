using AiOs.Models.Sentences;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Models;

/// <summary>Wires the models that come with the OS.</summary>
public static class ModelsSetup
{
    /// <summary>Configuration key of a folder with another version of the encoder (model.onnx, vocabulary.json), such as a quantised one.</summary>
    public const string EncoderKey = "AIOS_ENCODER";

    extension(IServiceCollection services)
    {
        /// <summary>The sentence encoder, by itself and as the <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>; loaded on first use. Another version of it
        /// (<see cref="EncoderKey"/>) has vectors of its own: what was trained on the other one is refused by name.</summary>
        public IServiceCollection AddModels() => services
            .AddSingleton(provider => new SentenceEncoder(provider.GetService<IConfiguration>()?[EncoderKey] is { Length: > 0 } folder ? folder : SentenceEncoder.DefaultDirectory))
            .AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => provider.GetRequiredService<SentenceEncoder>());
    }
}
