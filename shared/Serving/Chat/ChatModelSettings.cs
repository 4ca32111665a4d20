using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace AiOs.Serving.Chat;

/// <summary>How a model knows who asks.</summary>
public enum ChatModelAuth
{
    /// <summary>By a key, as a bearer token; without one nothing is sent (a model on this machine needs none).</summary>
    Key,

    /// <summary>By the Microsoft Entra identity of this process (Azure OpenAI).</summary>
    Entra,
}

/// <summary>One model, from the settings <c>AIOS_MODELS_&lt;NAME&gt;_*</c>; NAME is the logical name in capitals with underscores for hyphens.</summary>
/// <param name="Name">The logical name that apps use: <c>answer</c>.</param>
/// <param name="Url">The base address of an OpenAI-compatible API (<c>_URL</c>): https, or http on this machine.</param>
/// <param name="Model">What that API calls the model (<c>_MODEL</c>).</param>
public sealed partial record ChatModelSettings(string Name, Uri Url, string Model)
{
    const string Prefix = "AIOS_MODELS_";

    /// <summary>How it is asked (<c>_AUTH</c>: <c>key</c> or <c>entra</c>).</summary>
    public ChatModelAuth Auth { get; init; }

    /// <summary>What calls cost: <c>_PRICE_IN</c>, <c>_PRICE_CACHED_IN</c> and <c>_PRICE_OUT</c> of a million tokens, <c>_PRICE_CALL</c> of a call, <c>_PRICE_SECOND</c> of a second that it takes; null where the operator does not say.</summary>
    public ModelPrices? Prices { get; init; }

    /// <summary>How long an answer may take, all its attempts together (<c>_TIMEOUT_SECONDS</c>, 1 to 300).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The longest answer in tokens (<c>_MAX_TOKENS</c>).</summary>
    public int MaxTokens { get; init; } = 1_000;

    /// <summary>The key under which the operator may set the model's secret.</summary>
    public static string KeyOf(string name) => Prefix + name.ToUpperInvariant().Replace('-', '_') + "_KEY";

    [GeneratedRegex("^AIOS_MODELS_(?<name>[A-Z][A-Z0-9_]*?)_(?<setting>URL|MODEL|KEY|AUTH|PRICE_IN|PRICE_CACHED_IN|PRICE_OUT|PRICE_CALL|PRICE_SECOND|TIMEOUT_SECONDS|MAX_TOKENS)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Setting { get; }

    /// <summary>Every model that the configuration names.</summary>
    /// <exception cref="FormatException">A setting makes no sense; the message names it and never holds a key.</exception>
    public static IReadOnlyList<ChatModelSettings> All(IConfiguration configuration)
    {
        var set = configuration.GetChildren().Where(entry => entry.Key.StartsWith(Prefix, StringComparison.Ordinal) && !string.IsNullOrWhiteSpace(entry.Value)).ToList();
        foreach (var entry in set)
            if (!Setting.IsMatch(entry.Key))
                throw new FormatException($"{entry.Key} is no setting of a model; write {Prefix}<NAME>_ and one of URL, MODEL, KEY, AUTH, PRICE_IN, PRICE_CACHED_IN, PRICE_OUT, PRICE_CALL, PRICE_SECOND, TIMEOUT_SECONDS, MAX_TOKENS.");
        return [.. set.GroupBy(entry => Setting.Match(entry.Key).Groups["name"].Value, StringComparer.Ordinal)
            .Select(model => Read(model.Key, model.ToDictionary(entry => Setting.Match(entry.Key).Groups["setting"].Value, entry => entry.Value!.Trim(), StringComparer.Ordinal)))];
    }

    static ChatModelSettings Read(string name, Dictionary<string, string> set)
    {
        var defaults = new ChatModelSettings(name.ToLowerInvariant().Replace('_', '-'), Address(Needed("URL")), Needed("MODEL"));
        var (input, cached, output, call, second) = (Price("PRICE_IN"), Price("PRICE_CACHED_IN"), Price("PRICE_OUT"), Price("PRICE_CALL"), Price("PRICE_SECOND"));
        return defaults with
        {
            Auth = set.GetValueOrDefault("AUTH") switch
            {
                null or "key" => ChatModelAuth.Key,
                "entra" => ChatModelAuth.Entra,
                _ => throw new FormatException($"{Prefix}{name}_AUTH must be key or entra."),
            },
            Prices = (input, cached, output, call, second) is (null, null, null, null, null) ? null : new ModelPrices(input ?? 0, output ?? 0) { CachedInput = cached, Call = call ?? 0, Second = second ?? 0 },
            Timeout = Whole("TIMEOUT_SECONDS", 1, 300) is { } seconds ? TimeSpan.FromSeconds(seconds) : defaults.Timeout,
            MaxTokens = Whole("MAX_TOKENS", 16, 100_000) ?? defaults.MaxTokens,
        };

        string Needed(string setting) => set.GetValueOrDefault(setting) ?? throw new FormatException($"{Prefix}{name}_{setting} is missing; a model needs URL and MODEL.");

        Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) ? url
            : throw new FormatException($"{Prefix}{name}_URL must be an https address (http only on this machine) without user, query and fragment, such as https://api.openai.com/v1.");

        decimal? Price(string setting) => set.GetValueOrDefault(setting) is not { } text ? null
            : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) && price <= 1_000_000 ? price
            : throw new FormatException($"{Prefix}{name}_{setting} must be the price of {PricedBy(setting)}, such as 0.15.");

        static string PricedBy(string setting) => setting switch { "PRICE_CALL" => "a call", "PRICE_SECOND" => "a second", _ => "a million tokens" };

        int? Whole(string setting, int least, int most) => set.GetValueOrDefault(setting) is not { } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{name}_{setting} must be a whole number from {least} to {most}."));
    }
}
