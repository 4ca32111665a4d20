using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace AiOs.Agents.Actions;

/// <summary>The installation's settings that connectors name as <c>${NAME}</c> (capitals, digits, underscores): the configuration key <c>AIOS_VAR_NAME</c>,
/// or <c>NAME</c> itself where the operator lists it in <c>AIOS_ALLOWED_VARS</c> (comma list; <c>SANDBOX_URL</c> is on it when the key is absent).</summary>
public sealed partial class ConnectorSettings(IConfiguration configuration)
{
    /// <summary>Configuration key of the list of plain names that connectors may read.</summary>
    public const string AllowedKey = "AIOS_ALLOWED_VARS";

    const string Prefix = "AIOS_VAR_";

    /// <summary>The value, or null where the operator has not set it. A trailing slash is cut off, so that <c>${NAME}/path</c> reads right.</summary>
    public string? Find(string name)
    {
        var value = configuration[Prefix + name] ?? (IsAllowed(name) ? configuration[name] : null);
        return string.IsNullOrWhiteSpace(value) ? null : value.Trim().TrimEnd('/');
    }

    bool IsAllowed(string name) => (configuration[AllowedKey] ?? "SANDBOX_URL").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Contains(name, StringComparer.Ordinal);

    /// <summary>The text with every <c>${NAME}</c> filled in, and the names that are not set (left as they are).</summary>
    public (string Text, IReadOnlyList<string> Missing) Fill(string text)
    {
        var missing = new List<string>();
        var filled = Reference().Replace(text, match =>
        {
            if (Find(match.Groups["name"].Value) is { } value)
                return value;
            missing.Add(match.Groups["name"].Value);
            return match.Value;
        });
        return (filled, missing);
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Z][A-Z0-9_]*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
