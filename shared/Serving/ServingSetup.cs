using AiOs.Serving.Backends;
using AiOs.Serving.Captures;
using AiOs.Serving.Costs;
using AiOs.Serving.Gateway;
using AiOs.Serving.Reports;
using AiOs.Serving.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Serving;

/// <summary>Wires the gateway to the models that the operator configured.</summary>
public static class ServingSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="ModelGateway"/>; without configuration it knows no model, and answers are extractive.</summary>
        /// <exception cref="FormatException">A setting of a model makes no sense; the message names it and never holds a key.</exception>
        public IServiceCollection AddServing(IConfiguration configuration)
        {
            var models = ModelsSource.Read(configuration);
            return services.AddCosts().AddCaptures(configuration).AddReports()
                .AddSingleton(_ => new ModelTransport())
                .AddSingleton<BackendFactory>()
                .AddSingleton(provider => new ModelList(models, provider.GetRequiredService<BackendFactory>(), provider.GetRequiredService<TimeProvider>()))
                .AddHostedService<ModelsWatch>()
                .AddSingleton<AnswerCache>()
                .AddSingleton<Outputs>()
                .AddSingleton<Shadows>()
                .AddSingleton(provider => new ModelGateway(provider.GetRequiredService<ModelList>(), provider.GetRequiredService<Budgets>(), provider.GetRequiredService<Calls.ICallLog>(),
                    provider.GetRequiredService<AnswerCache>(), provider.GetRequiredService<Shadows>(), provider.GetRequiredService<Outputs>(), provider.GetRequiredService<TimeProvider>()));
        }
    }
}
