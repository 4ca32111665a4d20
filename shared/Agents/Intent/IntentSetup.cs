using AiOs.DataPlane;
using AiOs.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiOs.Agents.Intent;

/// <summary>Wires the intent agent. It needs the models and the data plane.</summary>
public static class IntentSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="IntentTrainer"/> and <see cref="IntentClassifier"/>.</summary>
        public IServiceCollection AddIntent() => services
            .AddSingleton(IntentHeads.Migrations)
            .AddSingleton<IntentHeads>()
            .AddSingleton(provider => new IntentTrainer(
                provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(ModelsSetup.Intents), provider.GetRequiredService<IBlobStore>(), provider.GetRequiredService<IntentHeads>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<IntentTrainer>>()))
            .AddSingleton(provider => new IntentClassifier(
                provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(ModelsSetup.Intents), provider.GetRequiredService<IBlobStore>()));
    }
}
