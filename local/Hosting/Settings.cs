using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace AiOs.Local.Hosting;

/// <summary>Replaces <c>%name%</c> in queue names and schedules by the app's settings.</summary>
sealed partial class Settings(IConfiguration configuration)
{
    /// <exception cref="InvalidOperationException">A named setting is missing.</exception>
    public string Resolve(string text) => Placeholder().Replace(text, match => configuration[match.Groups["name"].Value]
        ?? throw new InvalidOperationException($"The setting '{match.Groups["name"].Value}' that '{text}' names is not set."));

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
