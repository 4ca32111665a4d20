using AiOs.Policies.Approvals;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Policies;

/// <summary>Wires approvals; policies themselves are compiled from an app's plan and need nothing.</summary>
public static class PoliciesSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="Approvals.Approvals"/>.</summary>
        public IServiceCollection AddPolicies() => services
            .AddSingleton(ApprovalTables.Migrations)
            .AddSingleton<Approvals.Approvals>();
    }
}
