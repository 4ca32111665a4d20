using AiOs.Agents.Retrieval.Indexing;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Retrieval;

/// <summary>Wires retrieval.</summary>
public static class RetrievalSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="KnowledgeIndexer"/> and <see cref="KnowledgeSearch"/>.</summary>
        public IServiceCollection AddRetrieval() => services
            .AddSingleton(KnowledgeTables.Migrations)
            .AddSingleton(new RetrievalOptions().Checked())
            .AddSingleton<IndexCache>()
            .AddSingleton<KnowledgeIndexer>()
            .AddSingleton<KnowledgeSearch>();
    }
}
