namespace AiOs.Security;

/// <summary>Secrets that an operator granted to an app.</summary>
public interface ISecrets
{
    /// <summary>The secret <paramref name="name"/> of <paramref name="app"/>, or null where that app has none of that name.</summary>
    ValueTask<string?> GetAsync(string app, string name, CancellationToken cancellationToken);
}
