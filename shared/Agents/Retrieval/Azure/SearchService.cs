using System.Security.Cryptography;
using System.Text;
using AiOs.Security;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Search.Documents;
using Azure.Search.Documents.Indexes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>The way to the search service: who asks, how long one waits, and the one index for all apps.</summary>
sealed class SearchService : IDisposable
{
    /// <summary>The setting with the key; without it the secret <c>key</c> of <see cref="SecretOwner"/>. An index is made and filled with an admin key.</summary>
    public const string KeySetting = "AIOS_SEARCH_KEY";

    /// <summary>Whose secret the key is: the name of no app.</summary>
    public const string SecretOwner = "_search";

    /// <summary>A message waits less long than a deployment.</summary>
    static readonly TimeSpan WhileAsked = TimeSpan.FromSeconds(10), WhileIndexing = TimeSpan.FromMinutes(3);

    readonly HttpClient http;

    public SearchService(SearchServiceSettings settings, IEmbeddingGenerator<string, Embedding<float>> encoder, IConfiguration configuration, ISecrets secrets, TimeProvider clock)
        : this(settings, encoder, configuration, secrets, clock, new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2), ActivityHeadersPropagator = null })
    {
    }

    internal SearchService(SearchServiceSettings settings, IEmbeddingGenerator<string, Embedding<float>> encoder, IConfiguration configuration, ISecrets secrets, TimeProvider clock, HttpMessageHandler handler)
    {
        http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(100) };
        (Settings, Clock) = (settings, clock);
        Encoder = KnowledgeIndexer.EncoderVersion(encoder);
        IndexName = settings.Index + "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Encoder)))[..8];
        var (asking, indexing) = (Options(WhileAsked), Options(WhileIndexing));
        if (settings.ByKey)
        {
            var key = new AzureKeyCredential("replaced at every request");
            foreach (var options in new[] { asking, indexing })
                options.AddPolicy(new CurrentKey(configuration, secrets), HttpPipelinePosition.PerRetry);
            (Queries, Documents, Indexes) = (new(settings.Endpoint, IndexName, key, asking), new(settings.Endpoint, IndexName, key, indexing), new(settings.Endpoint, key, indexing));
        }
        else
        {
            var identity = new DefaultAzureCredential();
            (Queries, Documents, Indexes) = (new(settings.Endpoint, IndexName, identity, asking), new(settings.Endpoint, IndexName, identity, indexing), new(settings.Endpoint, identity, indexing));
        }
    }

    public SearchServiceSettings Settings { get; }

    public TimeProvider Clock { get; }

    /// <summary>Names the encoder of all vectors of the index.</summary>
    public string Encoder { get; }

    /// <summary>What the index is called.</summary>
    public string IndexName { get; }

    /// <summary>For queries while somebody waits.</summary>
    public SearchClient Queries { get; }

    /// <summary>For the passages of the index.</summary>
    public SearchClient Documents { get; }

    /// <summary>For the index itself.</summary>
    public SearchIndexClient Indexes { get; }

    /// <summary>Does what <paramref name="ask"/> does, and says what went wrong in our own words: what the service writes may quote what it was sent.</summary>
    /// <exception cref="KnowledgeServiceException">It went wrong.</exception>
    public static async Task<T> AskAsync<T>(string what, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (RequestFailedException failed)
        {
            throw new KnowledgeServiceException(failed.Status switch
            {
                0 => $"The search service cannot be reached ({what}); check {SearchServiceSettings.EndpointKey}.",
                401 or 403 => $"The search service does not let us in ({what}, {failed.Status}); check {KeySetting} (an admin key) or the roles of this identity (Search Index Data Contributor and Search Service Contributor).",
                404 => $"The search service has no such index ({what}, 404); deploy the app again.",
                429 or 503 => $"The search service is busy ({what}, {failed.Status}); try again later, or give it more replicas.",
                _ => $"The search service refused ({what}, {failed.Status} {failed.ErrorCode}).",
            });
        }
        catch (Exception broken) when (broken is AuthenticationFailedException or IOException or AggregateException)
        {
            throw new KnowledgeServiceException($"The search service cannot be asked ({what}): {broken.GetType().Name}.");
        }
    }

    public void Dispose() => http.Dispose();

    SearchClientOptions Options(TimeSpan patience) => new(SearchClientOptions.ServiceVersion.V2023_11_01)
    {
        Transport = new HttpClientTransport(http),
        RetryPolicy = new PatiencePolicy(Clock, patience),
        Diagnostics = { IsLoggingEnabled = false, IsDistributedTracingEnabled = false, IsTelemetryEnabled = false },
    };

    /// <summary>Reads the key at every request, so that it can be rotated.</summary>
    sealed class CurrentKey(IConfiguration configuration, ISecrets secrets) : HttpPipelinePolicy
    {
        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The search service is asked asynchronously.");

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            var key = (configuration[KeySetting] is { Length: > 0 } set ? set : await secrets.GetAsync(SecretOwner, "key", message.CancellationToken))?.Trim();
            message.Request.Headers.SetValue("api-key", key is { Length: > 0 } && key.All(c => c is > ' ' and <= '~') ? key
                : throw new KnowledgeServiceException($"There is no key for the search service: set {KeySetting}, or the secret `key` of `{SecretOwner}`, or AIOS_SEARCH_AUTH=entra."));
            await ProcessNextAsync(message, pipeline);
        }
    }
}
