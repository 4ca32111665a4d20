using System.Collections.Specialized;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Web;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>A request, independent of the HTTP server.</summary>
public abstract class HttpRequestData
{
    /// <summary>Of an execution.</summary>
    public HttpRequestData(FunctionContext functionContext)
    {
        ArgumentNullException.ThrowIfNull(functionContext);
        FunctionContext = functionContext;
    }

    /// <summary>The body.</summary>
    public abstract Stream Body { get; }

    /// <summary>The headers.</summary>
    public abstract HttpHeadersCollection Headers { get; }

    /// <summary>The cookies.</summary>
    public abstract IReadOnlyCollection<IHttpCookie> Cookies { get; }

    /// <summary>The address.</summary>
    public abstract Uri Url { get; }

    /// <summary>Who asks.</summary>
    public abstract IEnumerable<ClaimsIdentity> Identities { get; }

    /// <summary>The method.</summary>
    public abstract string Method { get; }

    /// <summary>The execution.</summary>
    public FunctionContext FunctionContext { get; }

    /// <summary>The query string, taken apart.</summary>
    public virtual NameValueCollection Query => field ??= HttpUtility.ParseQueryString(Url.Query);

    /// <summary>An empty response.</summary>
    public abstract HttpResponseData CreateResponse();
}

/// <summary>A response, independent of the HTTP server.</summary>
public abstract class HttpResponseData
{
    /// <summary>Of an execution.</summary>
    public HttpResponseData(FunctionContext functionContext)
    {
        ArgumentNullException.ThrowIfNull(functionContext);
        FunctionContext = functionContext;
    }

    /// <summary>The status.</summary>
    public abstract HttpStatusCode StatusCode { get; set; }

    /// <summary>The headers.</summary>
    public abstract HttpHeadersCollection Headers { get; set; }

    /// <summary>The body.</summary>
    public abstract Stream Body { get; set; }

    /// <summary>The cookies.</summary>
    public abstract HttpCookies Cookies { get; }

    /// <summary>The execution.</summary>
    public FunctionContext FunctionContext { get; }

    /// <summary>An empty response to a request.</summary>
    public static HttpResponseData CreateResponse(HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.CreateResponse();
    }
}

/// <summary>Headers by name.</summary>
public class HttpHeadersCollection : HttpHeaders
{
    /// <summary>None.</summary>
    public HttpHeadersCollection()
    {
    }

    /// <summary>With several values a name.</summary>
    public HttpHeadersCollection(IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers)
    {
        foreach (var (name, values) in headers)
            TryAddWithoutValidation(name, values);
    }

    /// <summary>With one value a name.</summary>
    public HttpHeadersCollection(IEnumerable<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
            TryAddWithoutValidation(name, value);
    }
}

/// <summary>Where a cookie may travel.</summary>
public enum SameSite
{
    /// <summary>Not said.</summary>
    None = 0,

    /// <summary>Lax.</summary>
    Lax = 1,

    /// <summary>Strict.</summary>
    Strict = 2,

    /// <summary>Said to be none.</summary>
    ExplicitNone = 3,
}

/// <summary>A cookie.</summary>
public interface IHttpCookie
{
    /// <summary>The domain.</summary>
    string? Domain { get; }

    /// <summary>When it ends.</summary>
    DateTimeOffset? Expires { get; }

    /// <summary>Whether scripts cannot read it.</summary>
    bool? HttpOnly { get; }

    /// <summary>Seconds that it lives.</summary>
    double? MaxAge { get; }

    /// <summary>The name.</summary>
    string Name { get; }

    /// <summary>The path.</summary>
    string? Path { get; }

    /// <summary>Where it may travel.</summary>
    SameSite SameSite { get; }

    /// <summary>Whether it needs TLS.</summary>
    bool? Secure { get; }

    /// <summary>The value.</summary>
    string Value { get; }
}

/// <summary>A cookie that can be made.</summary>
public sealed class HttpCookie : IHttpCookie
{
    /// <summary>With name and value.</summary>
    public HttpCookie(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        Name = name;
        Value = value;
    }

    /// <inheritdoc/>
    public string? Domain { get; set; }

    /// <inheritdoc/>
    public DateTimeOffset? Expires { get; set; }

    /// <inheritdoc/>
    public bool? HttpOnly { get; set; }

    /// <inheritdoc/>
    public double? MaxAge { get; set; }

    /// <inheritdoc/>
    public string Name { get; set; }

    /// <inheritdoc/>
    public string? Path { get; set; }

    /// <inheritdoc/>
    public SameSite SameSite { get; set; }

    /// <inheritdoc/>
    public bool? Secure { get; set; }

    /// <inheritdoc/>
    public string Value { get; set; }
}

/// <summary>Cookies of a response.</summary>
public abstract class HttpCookies
{
    /// <summary>For hosts.</summary>
    protected HttpCookies()
    {
    }

    /// <summary>Adds one.</summary>
    public abstract void Append(string name, string value);

    /// <summary>Adds one.</summary>
    public abstract void Append(IHttpCookie cookie);

    /// <summary>An empty one.</summary>
    public abstract IHttpCookie CreateNew();
}

/// <summary>What the HTTP host offers to get at the request.</summary>
public interface IHttpRequestDataFeature
{
    /// <summary>The request of an execution.</summary>
    ValueTask<HttpRequestData?> GetHttpRequestDataAsync(FunctionContext context);
}
