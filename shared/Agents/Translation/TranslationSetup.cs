using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Translation;

/// <summary>Wires translation.</summary>
public static class TranslationSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="Translator"/>.</summary>
        public IServiceCollection AddTranslation() => services.AddSingleton<Translator>();
    }
}
