using AiOs.Security;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Governance;

/// <summary>Wires the audit log.</summary>
public static class GovernanceSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="AuditLog"/> and, over it, <see cref="ISecurityEvents"/>.</summary>
        public IServiceCollection AddGovernance() => services
            .AddSingleton(GovernanceTables.Migrations)
            .AddSingleton<AuditLog>()
            .AddSingleton<ISecurityEvents, SecurityEvents>();
    }
}
