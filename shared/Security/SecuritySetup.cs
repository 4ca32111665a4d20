using AiOs.DataPlane;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Security;

/// <summary>Wires masking, the vault, keys and secrets.</summary>
public static class SecuritySetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="Masking"/>, <see cref="Vault"/>, <see cref="ClientKeys"/> and <see cref="ISecrets"/>
        /// (environment before file). <see cref="ISecurityEvents"/> comes from Governance.</summary>
        public IServiceCollection AddSecurity(IConfiguration configuration) => services
            .AddSingleton(SecurityTables.Migrations)
            .AddSingleton(provider => VaultKeys.Open(configuration, provider.GetRequiredService<DataDirectory>()))
            .AddSingleton<Vault>()
            .AddSingleton<Masking>()
            .AddSingleton<ClientKeys>()
            .AddSingleton<ISecrets>(provider => new LayeredSecrets(
                new EnvironmentSecrets(configuration), new FileSecrets(configuration, provider.GetRequiredService<DataDirectory>())));
    }
}
