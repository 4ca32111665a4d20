using Microsoft.Extensions.Configuration;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>The Azure AI Search service that keeps the knowledge, from the settings <c>AIOS_SEARCH_*</c>.</summary>
/// <param name="Endpoint"><c>AIOS_SEARCH_ENDPOINT</c>: <c>https://NAME.search.windows.net</c>.</param>
/// <param name="Index">What its index is called (<c>AIOS_SEARCH_INDEX</c>); a mark of the encoder is added, since vectors of two encoders do not go together.</param>
/// <param name="ByKey">Whether it is asked with a key; else by the Microsoft Entra identity of this process (<c>AIOS_SEARCH_AUTH</c>: <c>key</c> or <c>entra</c>).</param>
public sealed record SearchServiceSettings(Uri Endpoint, string Index, bool ByKey)
{
    /// <summary>The setting that switches the service on.</summary>
    public const string EndpointKey = "AIOS_SEARCH_ENDPOINT";

    const string IndexKey = "AIOS_SEARCH_INDEX", AuthKey = "AIOS_SEARCH_AUTH";
    const int LongestName = 100;

    /// <summary>What the configuration says; null where knowledge stays in this installation's own blobs.</summary>
    /// <exception cref="FormatException">A setting makes no sense; the message names it.</exception>
    public static SearchServiceSettings? Of(IConfiguration configuration)
    {
        if (configuration[EndpointKey]?.Trim() is not { Length: > 0 } address)
            return null;
        var index = configuration[IndexKey]?.Trim() is { Length: > 0 } given ? given : "aios-knowledge";
        return new(
            Uri.TryCreate(address, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.PathAndQuery == "/" && url.Fragment.Length == 0
                && url.Scheme == Uri.UriSchemeHttps ? url
                : throw new FormatException($"{EndpointKey} must be the https address of a search service such as https://NAME.search.windows.net."),
            index.Length <= LongestName && index.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') && char.IsAsciiLetter(index[0]) && index[^1] != '-' && !index.Contains("--", StringComparison.Ordinal) ? index
                : throw new FormatException($"{IndexKey} must be lower-case letters, digits and single hyphens, at most {LongestName}, such as aios-knowledge."),
            (configuration[AuthKey]?.Trim() ?? "key") switch
            {
                "key" => true,
                "entra" => false,
                _ => throw new FormatException($"{AuthKey} must be key or entra."),
            });
    }
}
