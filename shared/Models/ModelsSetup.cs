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

    /// <summary>The key of the encoder of intents among the services.</summary>
    public const string Intents = "intents";

    /// <summary>Configuration key of a folder with another encoder of intents (model.onnx and its vocabulary), such as that of knowledge.</summary>
    public const string IntentEncoderKey = "AIOS_INTENT_ENCODER";

    extension(IServiceCollection services)
    {
        /// <summary>The sentence encoder, by itself and as the <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>, and under the key <see cref="Intents"/> the one that intents are understood with;
        /// both loaded on first use. Another version (<see cref="EncoderKey"/>, <see cref="IntentEncoderKey"/>) has vectors of its own: what was trained on the other one is refused by name.</summary>
        public IServiceCollection AddModels() => services
            .AddSingleton(provider => new SentenceEncoder(Folder(provider, EncoderKey, SentenceEncoder.DefaultDirectory)))
            .AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => provider.GetRequiredService<SentenceEncoder>())
            .AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(Intents, (provider, _) => new SentenceEncoder(Folder(provider, IntentEncoderKey, SentenceEncoder.IntentDirectory)));
    }

    static string Folder(IServiceProvider provider, string key, string usual) => provider.GetService<IConfiguration>()?[key] is { Length: > 0 } folder ? folder : usual;
}
