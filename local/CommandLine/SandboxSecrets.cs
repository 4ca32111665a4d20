using AiOs.DataPlane;
using AiOs.Security;
using Microsoft.Extensions.Configuration;

namespace AiOs.Local.CommandLine;

/// <summary>Secrets of a local server that acts on a sandbox on this machine: the operator's own first; what is set nowhere is a word that the sandbox accepts, so that a new app works at once.</summary>
sealed class SandboxSecrets(IConfiguration configuration, DataDirectory data) : ISecrets
{
    readonly LayeredSecrets own = new(new EnvironmentSecrets(configuration), new FileSecrets(configuration, data));

    public async ValueTask<string?> GetAsync(string app, string name, CancellationToken cancellationToken) => await own.GetAsync(app, name, cancellationToken) ?? "sandbox";
}
