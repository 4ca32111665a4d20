using System.Globalization;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.DurableTask;
using Microsoft.Azure.Functions.Worker.Extensions.DurableTask.Http;

namespace Microsoft.DurableTask;

/// <summary>An orchestration context that runs inside a function.</summary>
interface IInsideFunction
{
    FunctionContext FunctionContext { get; }
}

/// <summary>What an orchestrator function may do beyond the durable API.</summary>
public static class TaskOrchestrationContextExtensionMethods
{
    /// <summary>The activity that the host runs for an HTTP call.</summary>
    internal const string HttpActivity = "BuiltIn::HttpActivity";

    static readonly TimeSpan pollInterval = TimeSpan.FromSeconds(30);

    /// <summary>Makes an HTTP call; follows a 202 when the request says so.</summary>
    public static async Task<DurableHttpResponse> CallHttpAsync(this TaskOrchestrationContext context, DurableHttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = await context.CallActivityAsync<DurableHttpResponse>(HttpActivity, request);
        while (request.AsynchronousPatternEnabled && response.StatusCode == HttpStatusCode.Accepted && Header(response, "Location") is { } location)
        {
            var wait = int.TryParse(Header(response, "Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? TimeSpan.FromSeconds(seconds)
                : pollInterval;
            await context.CreateTimer(wait, CancellationToken.None);
            response = await context.CallActivityAsync<DurableHttpResponse>(
                HttpActivity, new DurableHttpRequest(HttpMethod.Get, new Uri(request.Uri, location), request.Headers, asynchronousPatternEnabled: true));
        }
        return response;
    }

    /// <summary>Makes an HTTP call.</summary>
    public static Task<DurableHttpResponse> CallHttpAsync(
        this TaskOrchestrationContext context, HttpMethod method, Uri uri, string? content = null, HttpRetryOptions? retryOptions = null) =>
        context.CallHttpAsync(new DurableHttpRequest(method, uri) { Content = content, HttpRetryOptions = retryOptions });

    /// <summary>Makes an HTTP call.</summary>
    public static Task<DurableHttpResponse> CallHttpAsync(
        this TaskOrchestrationContext context,
        HttpMethod method,
        Uri uri,
        string? content = null,
        HttpRetryOptions? retryOptions = null,
        bool asynchronousPatternEnabled = false) =>
        context.CallHttpAsync(new DurableHttpRequest(method, uri)
        {
            Content = content,
            HttpRetryOptions = retryOptions,
            AsynchronousPatternEnabled = asynchronousPatternEnabled,
        });

    /// <summary>Makes an HTTP call with a token.</summary>
    /// <exception cref="NotSupportedException">A token source is given: the embedded host has no identity to ask.</exception>
    public static Task<DurableHttpResponse> CallHttpAsync(
        this TaskOrchestrationContext context,
        HttpMethod method,
        Uri uri,
        string? content = null,
        HttpRetryOptions? retryOptions = null,
        bool asynchronousPatternEnabled = false,
        TokenSource? tokenSource = null,
        TimeSpan? timeout = null) =>
        tokenSource is not null
            ? throw new NotSupportedException("The embedded host has no managed identity; put the token into the request's headers.")
            : context.CallHttpAsync(new DurableHttpRequest(method, uri)
            {
                Content = content,
                HttpRetryOptions = retryOptions,
                AsynchronousPatternEnabled = asynchronousPatternEnabled,
                Timeout = timeout,
            });

    /// <summary>The function that the orchestration runs in; null outside of one.</summary>
    public static FunctionContext? GetFunctionContext(this TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (context as IInsideFunction)?.FunctionContext;
    }

    static string? Header(DurableHttpResponse response, string name) =>
        response.Headers?.FirstOrDefault(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)).Value is { Count: > 0 } values ? values[0] : null;
}
