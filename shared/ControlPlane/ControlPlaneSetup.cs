using AiOs.ControlPlane.Apps;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.ControlPlane;

/// <summary>Wires apps and their deployment.</summary>
public static class ControlPlaneSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers the services of the control plane and their tables.</summary>
        public IServiceCollection AddControlPlane(IConfiguration configuration)
        {
            _ = configuration;
            return services.AddApps();
        }

        IServiceCollection AddApps() => services
            .AddSingleton(AppTables.Migrations)
            .AddSingleton<InstalledApps>()
            .AddSingleton<OperatorChecks>();
    }
}
