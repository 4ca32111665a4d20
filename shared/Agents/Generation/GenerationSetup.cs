using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Generation;

/// <summary>Wires answers.</summary>
public static class GenerationSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="ExtractiveAnswerer"/>.</summary>
        public IServiceCollection AddGeneration() => services
            .AddSingleton(new GenerationOptions().Checked())
            .AddSingleton<ExtractiveAnswerer>();
    }
}
