using System.Globalization;
using AiOs.ControlPlane.Apps;
using AiOs.Serving.Calls;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;

namespace AiOs.Functions.Http.OpenAi;

/// <summary>What a call of a model says beside its body, and what its reply does.</summary>
static class CallHeaders
{
    /// <summary>For which app the call is made, and paid.</summary>
    public const string App = "x-aios-app";

    const string Conversation = "x-aios-conversation", Sensitive = "x-aios-sensitive", Within = "x-aios-timeout-ms", Stainless = "x-stainless-timeout";

    /// <summary>The app that the call is for: an installed one, or none.</summary>
    /// <exception cref="WireException">There is no such app.</exception>
    public static async ValueTask<string> AppAsync(HttpRequest request, InstalledApps apps, CancellationToken cancellationToken)
    {
        if (!request.Headers.TryGetValue(App, out var named))
            return CallTerms.NoApp;
        return await apps.FindAsync(named.ToString(), cancellationToken) is not null ? named.ToString() : throw new WireException(App, "names no installed app; GET /api/apps lists them.");
    }

    /// <summary>Reads them. The official clients send their own timeout in seconds, which counts too.</summary>
    /// <exception cref="WireException">One makes no sense.</exception>
    public static CallTerms Read(HttpRequest request, string app, WireRequest asked)
    {
        var headers = request.Headers;
        return new CallTerms(app, request.Principal().Id)
        {
            Sticky = headers.TryGetValue(Conversation, out var conversation) && conversation.ToString() is { Length: > 0 } named ? named : asked.Sticky,
            Sensitive = headers.TryGetValue(Sensitive, out var sensitive) && Flag(sensitive.ToString()),
            Within = headers.TryGetValue(Within, out var within) ? Time(within.ToString()) : headers.TryGetValue(Stainless, out var seconds) ? ClientTime(seconds.ToString()) : null,
        };
    }

    /// <summary>Says who answered, and from where.</summary>
    public static void Write(HttpResponse response, string callId, string? deployment, CallEnd end, bool softExceeded)
    {
        response.Headers["x-request-id"] = callId;
        if (deployment is not null)
            response.Headers["x-aios-deployment"] = deployment;
        if (end != CallEnd.Answered)
            response.Headers["x-aios-answer"] = end switch { CallEnd.Cached => "cached", CallEnd.CachedByMeaning => "cached-by-meaning", _ => "degraded" };
        if (softExceeded)
            response.Headers["x-aios-budget"] = "soft-limit-exceeded";
    }

    static bool Flag(string text) => text switch { "true" => true, "false" => false, _ => throw new WireException(Sensitive, "must be true or false.") };

    static TimeSpan Time(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 1 and <= 600_000
        ? TimeSpan.FromMilliseconds(milliseconds) : throw new WireException(Within, "must be a whole number of milliseconds from 1 to 600000.");

    static TimeSpan? ClientTime(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 600 ? TimeSpan.FromSeconds(seconds) : null;
}
