using AiOs.Agents.Actions;
using AiOs.Agents.Asking;
using AiOs.Agents.Extraction;
using AiOs.Agents.Generation;
using AiOs.Agents.Intent;
using AiOs.Agents.Reading;
using AiOs.Agents.Retrieval;
using AiOs.Agents.Scoring;
using AiOs.Agents.Translation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents;

/// <summary>Wires the specialists behind the steps.</summary>
public static class AgentsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds all agents.</summary>
        /// <exception cref="FormatException">A setting makes no sense; the message names it.</exception>
        public IServiceCollection AddAgents(IConfiguration configuration) => services.AddIntent().AddExtraction().AddRetrieval(configuration).AddGeneration().AddAsking().AddTranslation().AddReading().AddScoring().AddActions();
    }
}
