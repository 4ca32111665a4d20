using AiOs.Models.Sentences;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Models;

/// <summary>Wires the models that come with the OS.</summary>
public static class ModelsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>The sentence encoder, by itself and as the <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>; loaded on first use.</summary>
        public IServiceCollection AddModels() => services
            .AddSingleton(_ => new SentenceEncoder(SentenceEncoder.DefaultDirectory))
            .AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => provider.GetRequiredService<SentenceEncoder>());
    }
}
