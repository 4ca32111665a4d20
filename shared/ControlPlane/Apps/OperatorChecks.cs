using AiOs.Agents.Actions;
using AiOs.DataPlane.Yaml;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Gateway;

namespace AiOs.ControlPlane.Apps;

/// <summary>Checks what an app asks of its operator: settings that are set, hosts that are allowed, secrets that are granted, models that score.</summary>
public sealed class OperatorChecks(AllowedHosts hosts, ConnectorSettings settings, ISecrets secrets, ModelGateway models)
{
    /// <summary>What is missing, each where the app's files name it.</summary>
    public async Task<IReadOnlyList<ManifestProblem>> CheckAsync(AppManifest app, CancellationToken cancellationToken)
    {
        var problems = new List<ManifestProblem>();
        foreach (var need in app.Needs)
            if ((need.Kind switch { OperatorNeedKind.Url => Url(need), OperatorNeedKind.Model => Model(need), _ => await SecretAsync(app.Name, need, cancellationToken) }) is { } problem)
                problems.Add(problem);
        return problems;
    }

    ManifestProblem? Url(OperatorNeed need)
    {
        var (text, missing) = settings.Fill(need.Value);
        if (missing.Count > 0)
            return Problem(need, $"The setting `{missing[0]}` is not set by the operator of this installation.", $"AIOS_VAR_{missing[0]}=https://... in the environment");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            return Problem(need, "With the installation's settings this is no http or https address.");
        return hosts.Names(url) ? null : Problem(need, $"The host `{url.Authority}` is not on the operator's list.", $"{AllowedHosts.Key}=...,{url.Authority} in the environment");
    }

    ManifestProblem? Model(OperatorNeed need) => models.Find(need.Value) is { Kind: CallKind.Tensors } ? null
        : Problem(need, models.Find(need.Value) is null ? $"This installation has no model `{need.Value}`." : $"The model `{need.Value}` does not score: it is not of the kind tensors.", $"{need.Value}: {{kind: tensors, deployments: [...]}} in the operator's models.yaml");

    async Task<ManifestProblem?> SecretAsync(string app, OperatorNeed need, CancellationToken cancellationToken) =>
        await secrets.GetAsync(app, need.Value, cancellationToken) is not null ? null
            : Problem(need, $"The secret `{need.Value}` is not granted to {app}.", $"{EnvironmentSecrets.Variable(app, need.Value)}=... in the environment, or secrets.json in the data directory");

    static ManifestProblem Problem(OperatorNeed need, string message, string? suggestion = null) => new(need.File, need.Line, need.Column, message, suggestion);
}
