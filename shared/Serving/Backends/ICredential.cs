namespace AiOs.Serving.Backends;

/// <summary>Tells a deployment who asks.</summary>
interface ICredential
{
    /// <summary>The value of the header Authorization; null where nothing is sent.</summary>
    ValueTask<string?> AuthorizationAsync(CancellationToken cancellationToken);
}
