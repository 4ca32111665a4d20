using System.ClientModel.Primitives;
using System.Net;

namespace AiOs.Serving.OpenAi;

/// <summary>The way to model endpoints: no redirects, no proxy, no cookies, and no trace headers, which are nobody else's business.</summary>
public sealed class OpenAiTransport : IDisposable
{
    readonly HttpClient client;

    /// <summary>Over the network.</summary>
    public OpenAiTransport() : this(new SocketsHttpHandler
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

    internal OpenAiTransport(HttpMessageHandler handler)
    {
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };   // every call brings its deadline
        Pipeline = new HttpClientPipelineTransport(client);
    }

    internal PipelineTransport Pipeline { get; }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();
}
