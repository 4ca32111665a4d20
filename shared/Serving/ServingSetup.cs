using AiOs.Security;
using AiOs.Serving.Azure;
using AiOs.Serving.Captures;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.OpenAi;
using AiOs.Serving.Reports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Serving;

/// <summary>Wires the chat models that the operator configured.</summary>
public static class ServingSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="ChatModels"/>; without configuration it knows none, and answers are extractive.</summary>
        /// <exception cref="FormatException">A setting of a model makes no sense; the message names it and never holds a key.</exception>
        public IServiceCollection AddServing(IConfiguration configuration)
        {
            var settings = ChatModelSettings.All(configuration);
            return services.AddCosts().AddCaptures(configuration).AddReports()
                .AddSingleton<OpenAiTransport>()
                .AddSingleton(provider => new ChatModels([.. settings.Select(model => new ChatModel(model, OpenAiChat.Client(
                    model,
                    model.Auth == ChatModelAuth.Entra ? EntraIdentity.Policy() : new KeyPolicy(model.Name, configuration, provider.GetRequiredService<ISecrets>()),
                    provider.GetRequiredService<OpenAiTransport>())))]));
        }
    }
}
