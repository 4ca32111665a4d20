using AiOs.Security;
using AiOs.Serving.Chat;
using Microsoft.Extensions.Configuration;

namespace AiOs.Serving.Backends;

/// <summary>The key of a model as a bearer token: the setting <c>AIOS_MODELS_&lt;NAME&gt;_KEY</c>, else the secret <c>&lt;name&gt;</c> of <see cref="Owner"/>.
/// It is read at every request, so it can be rotated; without one, nothing is sent.</summary>
sealed class KeyCredential(string name, IConfiguration configuration, ISecrets secrets) : ICredential
{
    /// <summary>Whose secrets the keys of models are: the name of no app, so that no app can be granted one.</summary>
    public const string Owner = "_models";

    readonly string setting = $"AIOS_MODELS_{name.ToUpperInvariant().Replace('-', '_')}_KEY";
    (string Key, string Header) last = ("", "");

    /// <inheritdoc/>
    public async ValueTask<string?> AuthorizationAsync(CancellationToken cancellationToken)
    {
        var key = configuration[setting] is { Length: > 0 } set ? set : await secrets.GetAsync(Owner, name, cancellationToken);
        if (string.IsNullOrWhiteSpace(key))
            return null;
        var known = last;
        if (ReferenceEquals(known.Key, key))
            return known.Header;
        var trimmed = key.Trim();
        if (!trimmed.All(c => c is > ' ' and <= '~'))
            throw new ModelException(ModelFailure.Rejected, $"The key of model '{name}' has characters that no header can carry.");
        last = (key, "Bearer " + trimmed);
        return last.Header;
    }
}
