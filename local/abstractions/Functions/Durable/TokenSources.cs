using System.Text.Json.Serialization;

namespace Microsoft.Azure.Functions.Worker.Extensions.DurableTask;

/// <summary>Where the token of a durable HTTP call comes from.</summary>
public abstract class TokenSource
{
    internal TokenSource(string resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resource = resource;
    }

    /// <summary>What the token is for.</summary>
    [JsonPropertyName("resource")]
    public string Resource { get; }
}

/// <summary>Tokens of the app's managed identity.</summary>
public class ManagedIdentityTokenSource : TokenSource
{
    /// <summary>For a resource.</summary>
    public ManagedIdentityTokenSource(string resource, ManagedIdentityOptions? options = null)
        : base(WithScope(resource)) => Options = options;

    /// <summary>Which identity provider.</summary>
    [JsonPropertyName("options")]
    public ManagedIdentityOptions? Options { get; }

    // These two are asked for by their default scope.
    static string WithScope(string resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.TrimEnd('/') is "https://management.core.windows.net" or "https://graph.microsoft.com"
            ? resource.TrimEnd('/') + "/.default"
            : resource;
    }
}

/// <summary>Which identity provider gives the token.</summary>
public class ManagedIdentityOptions
{
    /// <summary>By host and tenant.</summary>
    public ManagedIdentityOptions(Uri? authorityHost = null, string? tenantId = null)
    {
        AuthorityHost = authorityHost;
        TenantId = tenantId;
    }

    /// <summary>The host.</summary>
    [JsonPropertyName("authorityhost")]
    public Uri? AuthorityHost { get; set; }

    /// <summary>The tenant.</summary>
    [JsonPropertyName("tenantid")]
    public string? TenantId { get; set; }
}
