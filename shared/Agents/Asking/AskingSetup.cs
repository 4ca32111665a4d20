using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Asking;

/// <summary>Wires questions to models.</summary>
public static class AskingSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="Questioner"/>.</summary>
        public IServiceCollection AddAsking() => services.AddSingleton<Questioner>();
    }
}
