using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Backends;

/// <summary>The way to the endpoints of models: connections that stay open, no redirects, no proxy, no cookies, and no trace headers, which are nobody else's business.
/// Whatever goes wrong is a <see cref="ModelException"/> in our own words: errors of endpoints may quote keys and prompts, so nothing of them is passed on.</summary>
sealed class ModelTransport(HttpMessageHandler handler) : IDisposable
{
    /// <summary>The largest whole answer, in bytes.</summary>
    public const int LargestAnswer = 32 * 1024 * 1024;

    const int LargestError = 64 * 1024;

    readonly HttpMessageInvoker http = new(handler);

    /// <summary>Over the network.</summary>
    public ModelTransport() : this(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = 32,
        ActivityHeadersPropagator = null,
    })
    {
    }

    /// <summary>Sends a request; what comes back is a success whose body is not read yet.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public async ValueTask<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = null;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
                return response;
            throw await RefusedAsync(response, cancellationToken);
        }
        catch (Exception e)
        {
            response?.Dispose();
            if (e is ModelException || (e is OperationCanceledException && cancellationToken.IsCancellationRequested))
                throw;
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw Failure(e);
#pragma warning restore MA0054
        }
    }

    /// <summary>Reads a whole body of words.</summary>
    /// <exception cref="ModelException">It breaks off, or is larger than <see cref="LargestAnswer"/>: broken.</exception>
    public static ValueTask<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) => ReadAsync(response, ModelFailure.Broken, cancellationToken);

    /// <summary>Reads a whole body of numbers, which grows with what was asked.</summary>
    /// <exception cref="ModelException">It breaks off, or is larger than <see cref="LargestAnswer"/>: cut off, for which the endpoint can do nothing.</exception>
    public static ValueTask<byte[]> ReadNumbersAsync(HttpResponseMessage response, CancellationToken cancellationToken) => ReadAsync(response, ModelFailure.CutOff, cancellationToken);

    static async ValueTask<byte[]> ReadAsync(HttpResponseMessage response, ModelFailure tooLarge, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(response.Content, LargestAnswer, cancellationToken) ?? throw new ModelException(tooLarge, "The answer is larger than any that is read.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
#pragma warning disable MA0054
            throw Failure(e);
#pragma warning restore MA0054
        }
    }

    /// <summary>What a broken connection is called.</summary>
    public static ModelException Failure(Exception e) => (e as HttpRequestException)?.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        ? new(ModelFailure.Unavailable, "There is no connection to the endpoint.")
        : e is HttpRequestException or IOException ? new(ModelFailure.Broken, "The connection broke before the end of the answer.")
        : new(ModelFailure.Broken, $"The answer could not be read ({e.GetType().Name}).");

    static async ValueTask<byte[]?> ReadAsync(HttpContent content, int most, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > most)
            return null;
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        if (content.Headers.ContentLength is { } length)
        {
            var exact = new byte[length];
            await stream.ReadExactlyAsync(exact, cancellationToken);
            return exact;
        }
        var all = new ArrayBufferWriter<byte>(4096);
        while (await stream.ReadAsync(all.GetMemory(4096), cancellationToken) is > 0 and var read)
        {
            all.Advance(read);
            if (all.WrittenCount > most)
                return null;
        }
        return all.WrittenSpan.ToArray();
    }

    static async ValueTask<ModelException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = StatusOf(response);
        var detail = string.Create(CultureInfo.InvariantCulture, $"The endpoint answered {status}.");
        switch (status)
        {
            case 429:
                return new(ModelFailure.Throttled, detail, RetryAfter(response.Headers)) { Status = status };
            case >= 500:
                return new(ModelFailure.Unavailable, detail, RetryAfter(response.Headers)) { Status = status };
            case 400 or 413 or 422:
                var (code, param) = Error(await ReasonAsync(response, cancellationToken));
                return code == "content_filter"
                    ? new(ModelFailure.Filtered, "The endpoint's content filter held the question back.") { Status = status }
                    : new(ModelFailure.Rejected, detail) { Status = status, Param = param };
            default:
                return new(ModelFailure.Rejected, detail) { Status = status };
        }
    }

    /// <summary>The status; behind an Azure ML endpoint, which says 424 for whatever its container says, that of the container
    /// (learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints).</summary>
    static int StatusOf(HttpResponseMessage response) => response.StatusCode == HttpStatusCode.FailedDependency && response.Headers.NonValidated.TryGetValues("ms-azureml-model-error-statuscode", out var said)
        && int.TryParse(said.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var inner) && inner is >= 400 and <= 599 ? inner : (int)response.StatusCode;

    /// <summary>What the endpoint says about the request. That it is the request's fault is said by then: a body that breaks off changes nothing about it.</summary>
    static async ValueTask<byte[]> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(response.Content, LargestError, cancellationToken) ?? [];
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return [];
        }
    }

    /// <summary>Seconds (RFC 9110, section 10.2.3), or the milliseconds that OpenAI and Azure send beside them.</summary>
    static TimeSpan? RetryAfter(HttpResponseHeaders headers) =>
        headers.TryGetValues("retry-after-ms", out var exact) && double.TryParse(exact.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue))
        : headers.NonValidated.TryGetValues("retry-after", out var text) && double.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400))
        : null;

    /// <summary>The error's code, and the parameter that it names where that is one word.</summary>
    static (string? Code, string? Param) Error(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("error", out var error) ? (Word(error, "code"), Word(error, "param")) : default;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default;
        }

        static string? Word(JsonElement error, string name) => error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 64 } word
            && word.All(c => char.IsAsciiLetterLower(c) || c is '_' or '.') ? word : null;
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
