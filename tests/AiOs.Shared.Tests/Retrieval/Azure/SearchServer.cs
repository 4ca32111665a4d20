using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiOs.Shared.Tests.Retrieval.Azure;

/// <summary>A loopback service that speaks the part of Azure AI Search's REST API 2023-11-01 that we use, and answers 400 to whatever that reference does not declare (paths, version, headers, members, field
/// attributes, batch sizes). Words are ranked by their share, vectors by cosine, both joined by reciprocal rank (k 60) after the filter, as the service does.</summary>
sealed class SearchServer : IAsyncDisposable
{
    public const string Key = "an-admin-key-of-the-service", Version = "2023-11-01";

    static readonly X509Certificate2 Certificate = Issue();

    readonly WebApplication app;

    SearchServer(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    /// <summary>Every request: method, path, status.</summary>
    public ConcurrentQueue<(string Method, string Path, int Status)> Requests { get; } = [];

    /// <summary>What a request did that the reference does not allow.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];

    /// <summary>The bodies of searches, as sent.</summary>
    public ConcurrentQueue<JsonElement> Searches { get; } = [];

    /// <summary>The sizes of batches, in documents and bytes.</summary>
    public ConcurrentQueue<(int Documents, int Bytes)> Batches { get; } = [];

    public SearchIndexes Indexes { get; } = new();

    /// <summary>Answers instead of the service where it returns true.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>The status of an uploaded document instead of 201.</summary>
    public Func<string, int?>? ItemStatus { get; set; }

    public static async Task<SearchServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate)));
        var app = builder.Build();
        var server = new SearchServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>A way here that trusts this server's own certificate and no other.</summary>
    public HttpMessageHandler Handler() => new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseProxy = false,
        SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == Certificate.GetCertHashString() },
    };

    static X509Certificate2 Issue()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var issued = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    async Task AnswerAsync(HttpContext context)
    {
        try
        {
            if (Instead is null || !await Instead(context))
                await ServeAsync(context);
        }
        catch (Exception wrong) when (wrong is BadRequestException or KeyNotFoundException or InvalidOperationException or FormatException or JsonException)
        {
            Faults.Enqueue($"{context.Request.Method} {context.Request.Path}: {wrong}");
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { error = new { code = "InvalidRequest", message = wrong.Message } });
        }

        Requests.Enqueue((context.Request.Method, context.Request.Path, context.Response.StatusCode));
    }

    async Task ServeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers["api-key"] != Key)
        {
            context.Response.StatusCode = 403;
            return;
        }

        if (request.Query["api-version"] != Version || request.Query.Keys.Any(k => k != "api-version" && !(k == "allowIndexDowntime" && request.Method == "PUT"))) throw new BadRequestException($"The query must be api-version={Version}, not {request.QueryString}.");
        if (request.ContentType is not ("application/json" or "application/json; charset=utf-8")) throw new BadRequestException($"Content-Type {request.ContentType}.");
        var path = request.Path.Value!;
        var name = path.StartsWith("/indexes('", StringComparison.Ordinal) && path.IndexOf("')", StringComparison.Ordinal) is var end and > 0 ? path["/indexes('".Length..end] : throw new BadRequestException($"There is no path {path}.");
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer);
        var body = JsonElement.Parse(buffer.ToArray());
        switch (request.Method, path[(path.IndexOf("')", StringComparison.Ordinal) + 2)..])
        {
            case ("PUT", ""):
                if (request.Headers["Prefer"] != "return=representation") throw new BadRequestException("Prefer: return=representation is required.");
                await WriteAsync(context, Indexes.Put(name, body) ? 201 : 200, body);
                break;
            case ("POST", "/docs/search.index") when Indexes.Has(name):
                var results = Indexes.Index(name, body, buffer.Length, ItemStatus);
                Batches.Enqueue((results.Count, (int)buffer.Length));
                await WriteAsync(context, results.All(r => r.Status) ? 200 : 207, new { value = results.Select(r => new { key = r.Key, status = r.Status, errorMessage = r.Status ? null : "no", statusCode = r.StatusCode }) });
                break;
            case ("POST", "/docs/search.post.search") when Indexes.Has(name):
                Searches.Enqueue(body);
                await WriteAsync(context, 200, Indexes.Search(name, body));
                break;
            case ("POST", "/docs/search.index" or "/docs/search.post.search"):
                await WriteAsync(context, 404, new { error = new { code = "", message = $"No index with the name '{name}' was found." } });
                break;
            case var (method, rest):
                throw new BadRequestException($"{method} {rest} is not served.");
        }
    }

    static async Task WriteAsync(HttpContext context, int status, object body)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(body);
    }
}

/// <summary>The request is not what the reference says.</summary>
sealed class BadRequestException(string message) : Exception(message);
