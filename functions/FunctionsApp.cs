using AiOs.Agents;
using AiOs.ControlPlane;
using AiOs.DataPlane;
using AiOs.Functions.Http;
using AiOs.Governance;
using AiOs.Models;
using AiOs.Observability;
using AiOs.Orchestrations;
using AiOs.Policies;
using AiOs.Security;
using AiOs.Serving;
using AiOs.Telemetry;
using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AiOs.Functions;

/// <summary>The functions app, the same under both hosts: its services and its middleware.</summary>
public static class FunctionsApp
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds every room of the OS, from the bottom up.</summary>
        public IServiceCollection AddAiOs(IConfiguration configuration)
        {
            services.TryAddSingleton(TimeProvider.System);
            services.AddTelemetry(configuration).AddDataPlane(configuration).AddModels().AddSecurity(configuration).AddGovernance().AddServing(configuration).AddPolicies().AddAgents(configuration).AddControlPlane(configuration).AddObservability();
            services.AddSingleton<RunContext>().AddSingleton<Arrivals>().AddSingleton<Reconciliation>().AddSingleton<DeployArrivals>().AddSingleton<Replies>().AddSingleton<Http.UnknownCallers>();
            services.Configure<WorkerOptions>(options => options.Serializer = new JsonObjectSerializer(AiOsJson.Options));
            services.Configure<Microsoft.AspNetCore.Mvc.JsonOptions>(options => AiOsJson.Apply(options.JsonSerializerOptions));
            services.Configure<Microsoft.AspNetCore.Http.Json.JsonOptions>(options => AiOsJson.Apply(options.SerializerOptions));
            return services;
        }
    }

    extension(IFunctionsWorkerApplicationBuilder builder)
    {
        /// <summary>Puts the gate before every HTTP function.</summary>
        public IFunctionsWorkerApplicationBuilder UseAiOs() =>
            builder.UseWhen<HttpGate>(context => context.FunctionDefinition.InputBindings.Values.Any(binding => string.Equals(binding.Type, "httpTrigger", StringComparison.OrdinalIgnoreCase)));
    }
}
