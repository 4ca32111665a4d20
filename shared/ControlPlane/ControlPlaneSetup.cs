using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.ControlPlane;

/// <summary>Wires apps, their deployment and their runs.</summary>
public static class ControlPlaneSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers the services of the control plane and their tables.</summary>
        public IServiceCollection AddControlPlane(IConfiguration configuration) => services.AddApps().AddRuns(configuration);

        IServiceCollection AddApps() => services
            .AddSingleton(AppTables.Migrations)
            .AddSingleton<InstalledApps>()
            .AddSingleton<IPlans, InstalledPlans>()
            .AddSingleton<PartCheck>()
            .AddSingleton<OperatorChecks>()
            .AddSingleton<Deployments>();
    }
}
