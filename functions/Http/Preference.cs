using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace AiOs.Functions.Http;

/// <summary>The <c>Prefer: wait=N</c> of a request (RFC 7240): how many seconds the caller is willing to wait for an outcome, 0-60, default 10.</summary>
public sealed record Preference(TimeSpan Wait, bool Stated)
{
    static readonly TimeSpan Default = TimeSpan.FromSeconds(10);

    /// <summary>Reads the header; a value outside 0-60 or not a whole number is a problem.</summary>
    public static (Preference Preference, Problem? Problem) Of(HttpRequest request)
    {
        foreach (var token in request.Headers["Prefer"].SelectMany(line => (line ?? "").Split(',', ';')))
        {
            var part = token.Trim();
            if (!part.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)) continue;
            return int.TryParse(part.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 60
                ? (new(TimeSpan.FromSeconds(seconds), Stated: true), null)
                : (new(Default, Stated: false), Problem.BadField("Prefer", "wait must be a whole number of seconds from 0 to 60."));
        }

        return (new(Default, Stated: false), null);
    }

    /// <summary>Says in the response that the wait was honoured, where the request stated one.</summary>
    public void Acknowledge(HttpResponse response)
    {
        if (Stated) response.Headers["Preference-Applied"] = "wait=" + ((int)Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }
}
