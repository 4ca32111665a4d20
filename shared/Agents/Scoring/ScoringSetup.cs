using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Scoring;

/// <summary>Wires scores.</summary>
static class ScoringSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="Scorer"/>.</summary>
        internal IServiceCollection AddScoring() => services.AddSingleton<Scorer>();
    }
}
