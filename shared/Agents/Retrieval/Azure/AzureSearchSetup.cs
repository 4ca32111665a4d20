using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>Wires the search service.</summary>
static class AzureSearchSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="IKnowledgeIndexer"/> and <see cref="IKnowledgeSearch"/> on Azure AI Search.</summary>
        public IServiceCollection AddAzureSearch(SearchServiceSettings settings) => services
            .AddSingleton(settings).AddSingleton<SearchService>().AddSingleton<SearchManifests>().AddSingleton<PassageUpload>()
            .AddSingleton<IKnowledgeIndexer, AzureKnowledgeIndexer>().AddSingleton<IKnowledgeSearch, AzureKnowledgeSearch>();
    }
}
