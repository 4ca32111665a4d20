using AiOs.Agents.Retrieval.Azure;
using AiOs.Agents.Retrieval.Indexing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Retrieval;

/// <summary>Wires retrieval.</summary>
public static class RetrievalSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="IKnowledgeIndexer"/>, <see cref="IKnowledgeSearch"/> and <see cref="AddedKnowledge"/>: on indexes of our own, or on Azure AI Search where <c>AIOS_SEARCH_ENDPOINT</c> is set.</summary>
        /// <exception cref="FormatException">A setting of the search service makes no sense; the message names it.</exception>
        public IServiceCollection AddRetrieval(IConfiguration configuration)
        {
            services.AddSingleton(KnowledgeTables.Migrations).AddSingleton(new RetrievalOptions().Checked()).AddSingleton<AddedKnowledge>();
            return SearchServiceSettings.Of(configuration) is { } service ? services.AddAzureSearch(service)
                : services.AddSingleton<IndexCache>().AddSingleton<IKnowledgeIndexer, KnowledgeIndexer>().AddSingleton<IKnowledgeSearch, KnowledgeSearch>();
        }
    }
}
