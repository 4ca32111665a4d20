using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Extraction;

/// <summary>Wires extraction.</summary>
public static class ExtractionSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="FieldExtractor"/>.</summary>
        public IServiceCollection AddExtraction() => services.AddSingleton(new FieldExtractor(new ExtractionOptions()));
    }
}
