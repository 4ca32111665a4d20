using AiOs.Agents.Generation.Grounded;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Generation;

/// <summary>Wires answers.</summary>
public static class GenerationSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="ExtractiveAnswerer"/> and <see cref="GroundedAnswerer"/>.</summary>
        public IServiceCollection AddGeneration() => services
            .AddSingleton(new GenerationOptions().Checked())
            .AddSingleton<ExtractiveAnswerer>()
            .AddSingleton<GroundedAnswerer>();
    }
}
