using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace AiOs.Local.Hosting;

/// <summary>What the Functions host reads in the app's settings: <c>%name%</c> in queue names and schedules, and which functions are switched off.</summary>
sealed partial class Settings(IConfiguration configuration)
{
    /// <summary>Whether <c>AzureWebJobs.NAME.Disabled</c> switches the function off; as an environment variable also <c>AzureWebJobs__NAME__Disabled</c>.</summary>
    public bool Disabled(string function) =>
        IsOn(configuration[$"AzureWebJobs.{function}.Disabled"]) || IsOn(configuration[$"AzureWebJobs:{function}:Disabled"]);

    /// <exception cref="InvalidOperationException">A named setting is missing.</exception>
    public string Resolve(string text) => Placeholder().Replace(text, match => configuration[match.Groups["name"].Value]
        ?? throw new InvalidOperationException($"The setting '{match.Groups["name"].Value}' that '{text}' names is not set."));

    static bool IsOn(string? value) => value is "1" || string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
