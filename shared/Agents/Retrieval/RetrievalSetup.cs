using AiOs.Agents.Retrieval.Indexing;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Retrieval;

/// <summary>Wires retrieval.</summary>
public static class RetrievalSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="KnowledgeIndexer"/>, <see cref="KnowledgeSearch"/> and <see cref="AddedKnowledge"/>.</summary>
        public IServiceCollection AddRetrieval() => services
            .AddSingleton(KnowledgeTables.Migrations)
            .AddSingleton(new RetrievalOptions().Checked())
            .AddSingleton<IndexCache>()
            .AddSingleton<KnowledgeIndexer>()
            .AddSingleton<KnowledgeSearch>()
            .AddSingleton<AddedKnowledge>();
    }
}
