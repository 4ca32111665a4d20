using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Http;

namespace AiOs.Local.Hosting.Http;

/// <summary>The worker's request model over an ASP.NET Core request.</summary>
sealed class AspNetRequestData(HttpRequest request, FunctionContext context) : HttpRequestData(context)
{
    public static readonly IHttpRequestDataFeature Feature = new OfTheContext();

    public override Stream Body => request.Body;

    public override HttpHeadersCollection Headers => field ??= new(request.Headers.Select(h => KeyValuePair.Create(h.Key, h.Value.OfType<string>())));

    public override IReadOnlyCollection<IHttpCookie> Cookies => field ??= [.. request.Cookies.Select(c => new HttpCookie(c.Key, c.Value))];

    public override Uri Url { get; } = new(request.GetEncodedUrl());

    public override IEnumerable<ClaimsIdentity> Identities => request.HttpContext.User.Identities;

    public override string Method => request.Method;

    public override HttpResponseData CreateResponse() => new AspNetResponseData(request.HttpContext.Response, FunctionContext);

    sealed class OfTheContext : IHttpRequestDataFeature
    {
        public ValueTask<HttpRequestData?> GetHttpRequestDataAsync(FunctionContext context) =>
            new(context.GetHttpContext() is { } http ? new AspNetRequestData(http.Request, context) : null);
    }
}

/// <summary>Binds <see cref="HttpRequestData"/>.</summary>
sealed class HttpRequestDataConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        context.TargetType == typeof(HttpRequestData) && context.FunctionContext.GetHttpContext() is { } http
            ? ConversionResult.Success(new AspNetRequestData(http.Request, context.FunctionContext))
            : ConversionResult.Unhandled());
}

/// <summary>The worker's response model over an ASP.NET Core response: status and body go through, headers are kept until the response begins.</summary>
sealed class AspNetResponseData : HttpResponseData
{
    readonly HttpResponse response;
    readonly ResponseCookies cookies;

    public AspNetResponseData(HttpResponse response, FunctionContext context)
        : base(context)
    {
        this.response = response;
        cookies = new(response);
        if (!response.HasStarted)
            response.OnStarting(WriteHeaders);
    }

    public override HttpStatusCode StatusCode
    {
        get => (HttpStatusCode)response.StatusCode;
        set => response.StatusCode = (int)value;
    }

    public override HttpHeadersCollection Headers { get; set; } = [];

    public override Stream Body
    {
        get => response.Body;
        set => response.Body = value;
    }

    public override HttpCookies Cookies => cookies;

    /// <summary>Begins the response when writing has not.</summary>
    public Task CompleteAsync() => response.HasStarted ? Task.CompletedTask : response.StartAsync(FunctionContext.CancellationToken);

    Task WriteHeaders()
    {
        foreach (var (name, values) in Headers)
            response.Headers[name] = new([.. values]);
        return Task.CompletedTask;
    }

    sealed class ResponseCookies(HttpResponse response) : HttpCookies
    {
        public override void Append(string name, string value) => response.Cookies.Append(name, value);

        public override void Append(IHttpCookie cookie) => response.Cookies.Append(cookie.Name, cookie.Value, new()
        {
            Domain = cookie.Domain,
            Expires = cookie.Expires,
            HttpOnly = cookie.HttpOnly ?? false,
            MaxAge = cookie.MaxAge is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Path = cookie.Path ?? "/",
            Secure = cookie.Secure ?? false,
            SameSite = cookie.SameSite switch
            {
                SameSite.Lax => SameSiteMode.Lax,
                SameSite.Strict => SameSiteMode.Strict,
                SameSite.ExplicitNone => SameSiteMode.None,
                _ => SameSiteMode.Unspecified,
            },
        });

        public override IHttpCookie CreateNew() => new HttpCookie("", "");
    }
}
