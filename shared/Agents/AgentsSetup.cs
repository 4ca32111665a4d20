using AiOs.Agents.Actions;
using AiOs.Agents.Extraction;
using AiOs.Agents.Generation;
using AiOs.Agents.Intent;
using AiOs.Agents.Retrieval;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents;

/// <summary>Wires the specialists behind the steps.</summary>
public static class AgentsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds all agents.</summary>
        public IServiceCollection AddAgents() => services.AddIntent().AddExtraction().AddRetrieval().AddGeneration().AddActions();
    }
}
