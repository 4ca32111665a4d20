using AiOs.Observability.Intents;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Observability;

/// <summary>Wires what measures the OS and its apps.</summary>
public static class ObservabilitySetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="AppEvaluation"/>, <see cref="NearestExamples"/> and <see cref="RetrievalEvaluation"/>.</summary>
        public IServiceCollection AddObservability() => services.AddSingleton<AppEvaluation>().AddSingleton<NearestExamples>().AddSingleton<RetrievalEvaluation>();
    }
}
