using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Actions;

/// <summary>Wires actions.</summary>
public static class ActionsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="ActionRunner"/>, <see cref="ActionLedger"/> and <see cref="AllowedHosts"/>; settings come from the host's configuration.</summary>
        public IServiceCollection AddActions() => services
            .AddSingleton(ActionLedger.Migrations)
            .AddSingleton<AllowedHosts>()
            .AddSingleton<ConnectorSettings>()
            .AddSingleton<Outbound>()
            .AddSingleton<RequestTemplate>()
            .AddSingleton<ActionLedger>()
            .AddSingleton<ActionRunner>();
    }
}
