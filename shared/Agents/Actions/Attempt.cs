using System.Globalization;
using System.Text.Json;

namespace AiOs.Agents.Actions;

/// <summary>What one attempt tells about the action.</summary>
enum AttemptKind
{
    /// <summary>2xx with JSON or nothing: it happened.</summary>
    Answered,

    /// <summary>The server said no (4xx), or sent a redirect.</summary>
    Rejected,

    /// <summary>We may not send it.</summary>
    Refused,

    /// <summary>It was surely not sent: no connection.</summary>
    NotSent,

    /// <summary>The server was too busy to begin (425, 429).</summary>
    Busy,

    /// <summary>Nobody knows: timeout, broken connection, 408, 5xx, or an answer that makes no sense.</summary>
    Broken,
}

/// <summary>One attempt: <paramref name="Body"/> is set when the answer was JSON; <paramref name="Reason"/> names no values.</summary>
sealed record Attempt(AttemptKind Kind, int Status, JsonElement? Body, string Reason, TimeSpan? RetryAfter)
{
    public static Attempt Refused(string reason) => new(AttemptKind.Refused, 0, null, reason, null);

    public static Attempt NotSent(string reason) => new(AttemptKind.NotSent, 0, null, reason, null);

    public static Attempt Broken(string reason) => new(AttemptKind.Broken, 0, null, reason, null);

    /// <summary>Reads at most <see cref="Outbound.AnswerLimit"/> bytes of the answer.</summary>
    public static async Task<Attempt> ReadAsync(HttpResponseMessage response, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var (body, flaw) = await ReadBodyAsync(response.Content, cancellationToken);
        var kind = status switch
        {
            >= 200 and < 300 => flaw is null ? AttemptKind.Answered : AttemptKind.Broken,
            425 or 429 => AttemptKind.Busy,
            408 or >= 500 or < 200 => AttemptKind.Broken,
            _ => AttemptKind.Rejected,
        };
        var code = status.ToString(CultureInfo.InvariantCulture);
        var reason = kind == AttemptKind.Broken && flaw is not null && status < 300 ? $"The answer {code} made no sense: {flaw}."
            : status is >= 300 and < 400 ? $"The host answered {code}, and redirects are not followed."
            : $"The host answered {code}.";
        var after = response.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - now) : null;
        return new(kind, status, body, reason, after);
    }

    static async Task<(JsonElement? Body, string? Flaw)> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > Outbound.AnswerLimit)
                return (null, "it is longer than 256 KB");
        }

        if (buffer.Length == 0)
            return (null, null);
        try
        {
            using var document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), new JsonDocumentOptions { MaxDepth = 32 });
            return IsText(document.RootElement) ? (document.RootElement.Clone(), null) : (null, "its strings are not all Unicode text");
        }
        catch (JsonException)
        {
            return (null, "it is not JSON");
        }
    }

    /// <summary>Whether every name and string can be read: the parser lets lone surrogates and invalid UTF-8 pass, and whoever reads them later would fail.</summary>
    static bool IsText(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().All(member => member.Name is not null && IsText(member.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsText),
                JsonValueKind.String => value.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
