using System.Globalization;
using System.Text.RegularExpressions;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using Microsoft.Extensions.Configuration;

namespace AiOs.Serving.Routing;

/// <summary>Chat models of one deployment, from the settings <c>AIOS_MODELS_&lt;NAME&gt;_*</c>; NAME is the logical name in capitals with underscores for hyphens.
/// <c>_URL</c> is the base address of an OpenAI-compatible API: https, or http on this machine; <c>_MODEL</c> what it calls the model; <c>_AUTH</c> is <c>key</c> or <c>entra</c>;
/// <c>_PRICE_IN</c>, <c>_PRICE_CACHED_IN</c> and <c>_PRICE_OUT</c> the price of a million tokens, <c>_PRICE_CALL</c> of a call, <c>_PRICE_SECOND</c> of a second that it takes; <c>_TIMEOUT_SECONDS</c> (1 to 300) the time of an answer, all attempts together; <c>_MAX_TOKENS</c> its longest length.</summary>
public static partial class ModelSettings
{
    const string Prefix = "AIOS_MODELS_";

    [GeneratedRegex("^AIOS_MODELS_(?<name>[A-Z][A-Z0-9_]*?)_(?<setting>URL|MODEL|KEY|AUTH|PRICE_IN|PRICE_CACHED_IN|PRICE_OUT|PRICE_CALL|PRICE_SECOND|TIMEOUT_SECONDS|MAX_TOKENS)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Setting { get; }

    /// <summary>Every model that the settings name.</summary>
    /// <exception cref="FormatException">A setting makes no sense; the message names it and never holds a key.</exception>
    public static IReadOnlyList<RouteSettings> All(IConfiguration configuration)
    {
        var set = configuration.GetChildren().Where(entry => entry.Key.StartsWith(Prefix, StringComparison.Ordinal) && !string.IsNullOrWhiteSpace(entry.Value)).ToList();
        foreach (var entry in set)
            if (!Setting.IsMatch(entry.Key))
                throw new FormatException($"{entry.Key} is no setting of a model; write {Prefix}<NAME>_ and one of URL, MODEL, KEY, AUTH, PRICE_IN, PRICE_CACHED_IN, PRICE_OUT, PRICE_CALL, PRICE_SECOND, TIMEOUT_SECONDS, MAX_TOKENS.");
        return [.. set.GroupBy(entry => Setting.Match(entry.Key).Groups["name"].Value, StringComparer.Ordinal)
            .Select(model => Read(model.Key, model.ToDictionary(entry => Setting.Match(entry.Key).Groups["setting"].Value, entry => entry.Value!.Trim(), StringComparer.Ordinal)))];
    }

    static RouteSettings Read(string name, Dictionary<string, string> set)
    {
        var logical = name.ToLowerInvariant().Replace('_', '-');
        var timeout = TimeSpan.FromSeconds(Whole("TIMEOUT_SECONDS", 1, 300) ?? 20);
        var (input, cached, output, call, second) = (Price("PRICE_IN"), Price("PRICE_CACHED_IN"), Price("PRICE_OUT"), Price("PRICE_CALL"), Price("PRICE_SECOND"));
        var deployment = new DeploymentSettings(logical, BackendKind.OpenAi)
        {
            Url = Address(Needed("URL")),
            Model = Needed("MODEL"),
            Secret = logical,
            Auth = set.GetValueOrDefault("AUTH") switch
            {
                null or "key" => DeploymentAuth.Key,
                "entra" => DeploymentAuth.Entra,
                _ => throw new FormatException($"{Prefix}{name}_AUTH must be key or entra."),
            },
            Prices = (input, cached, output, call, second) is (null, null, null, null, null) ? null : new ModelPrices(input ?? 0, output ?? 0) { CachedInput = cached, Call = call ?? 0, Second = second ?? 0 },
            Timeout = timeout,
        };
        return new RouteSettings(logical, CallKind.Chat, [deployment]) { Timeout = timeout, MaxTokens = Whole("MAX_TOKENS", 16, 100_000) ?? 1_000 };

        string Needed(string setting) => set.GetValueOrDefault(setting) ?? throw new FormatException($"{Prefix}{name}_{setting} is missing; a model needs URL and MODEL.");

        Uri Address(string text) => ModelAddress.Read(text)
            ?? throw new FormatException($"{Prefix}{name}_URL must be {ModelAddress.Rule}, such as https://api.openai.com/v1.");

        decimal? Price(string setting) => set.GetValueOrDefault(setting) is not { } text ? null
            : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) && price <= 1_000_000 ? price
            : throw new FormatException($"{Prefix}{name}_{setting} must be the price of {PricedBy(setting)}, such as 0.15.");

        static string PricedBy(string setting) => setting switch { "PRICE_CALL" => "a call", "PRICE_SECOND" => "a second", _ => "a million tokens" };

        int? Whole(string setting, int least, int most) => set.GetValueOrDefault(setting) is not { } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{name}_{setting} must be a whole number from {least} to {most}."));
    }
}

/// <summary>Where a model may be.</summary>
static class ModelAddress
{
    /// <summary>In words.</summary>
    public const string Rule = "an https address (http only on this machine) without user, query and fragment";

    /// <summary>The address, or null where it is none that a model may have.</summary>
    public static Uri? Read(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) ? url : null;
}
