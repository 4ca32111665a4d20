using AiOs.Serving.Calls;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;

namespace AiOs.Functions.Http.OpenAi;

/// <summary>The body of a call of a model.</summary>
static class RequestBody
{
    /// <summary>The largest, in bytes: long contexts and images.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Reads a request, or says why not.</summary>
    /// <exception cref="WireException">It does not have the form.</exception>
    public static ValueTask<(WireRequest? Request, Problem? Problem)> ReadAsync(HttpRequest request, CallKind kind, CancellationToken cancellationToken) => ReadAsync(request, json => WireRequest.Parse(json, kind), cancellationToken);

    /// <inheritdoc cref="ReadAsync(HttpRequest, CallKind, CancellationToken)"/>
    public static async ValueTask<(WireRequest? Request, Problem? Problem)> ReadAsync(HttpRequest request, Func<byte[], WireRequest> parse, CancellationToken cancellationToken)
    {
        if (!string.Equals(request.ContentType, "application/json", StringComparison.OrdinalIgnoreCase) && !JsonBody.IsJson(request.ContentType))
            return (null, new(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type.", "Send the body as application/json (UTF-8)."));
        if (request.ContentLength is { } length and <= MaxBytes)
        {
            var exact = new byte[length];
            await request.Body.ReadExactlyAsync(exact, cancellationToken);
            return (parse(exact), null);
        }
        var (bytes, tooLarge) = await JsonBody.ReadBytesAsync(request, MaxBytes, cancellationToken);
        return tooLarge is null ? (parse(bytes), null) : (null, tooLarge);
    }
}
