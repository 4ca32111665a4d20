using System.Diagnostics;
using AiOs.Agents.Retrieval;
using AiOs.Functions.Http.OpenAi;
using AiOs.Security;
using AiOs.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;

namespace AiOs.Functions.Http;

/// <summary>What every HTTP call passes: who asks, whether they may, whether the resource has the method; and what an unexpected exception becomes.</summary>
public sealed class HttpGate(ClientKeys keys, ISecurityEvents security, UnknownCallers unknown, TimeProvider clock, ILogger<HttpGate> log) : IFunctionsWorkerMiddleware
{
    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var http = context.GetHttpContext() ?? throw new InvalidOperationException("HttpGate is for HTTP triggers.");
        var parent = ActivityContext.TryParse(http.Request.Headers["traceparent"], http.Request.Headers["tracestate"], out var remote) ? remote : default;
        // Where logging is on, the server has begun an activity of its own that nobody records; as a parent it would keep every span of the run from being recorded.
        Activity.Current = null;
        using var span = AiOsTelemetry.Source.StartActivity($"{http.Request.Method} {context.FunctionDefinition.Name}", ActivityKind.Server, parent);
        try
        {
            if (await RefuseAsync(context, http) is { } problem)
                context.GetInvocationResult().Value = ResultOf(problem, http);
            else
                await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            context.GetInvocationResult().Value = new StatusCodeResult(StatusCodes.Status499ClientClosedRequest);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            context.GetInvocationResult().Value = ResultOf(new(e.StatusCode, "The request is malformed.", "The body could not be read; send it whole and well formed."), http);
        }
        catch (KnowledgeServiceException e) when (!http.Response.HasStarted)
        {
            log.HttpFailed(context.FunctionDefinition.Name, e);
            context.GetInvocationResult().Value = ResultOf(new(StatusCodes.Status503ServiceUnavailable, "The knowledge cannot be reached.", e.Message) { RetryAfter = TimeSpan.FromSeconds(10) }, http);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            log.HttpFailed(context.FunctionDefinition.Name, e);
            span?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            context.GetInvocationResult().Value = ResultOf(new(StatusCodes.Status500InternalServerError, "Internal error.",
                $"The request could not be completed; nothing is lost that was acknowledged. Trace {span?.TraceId.ToString() ?? "none"}."), http);
        }
    }

    /// <summary>Problem details, or the form of the protocol that the path belongs to.</summary>
    static IActionResult ResultOf(Problem problem, HttpContext http) => OpenAiError.Covers(http.Request.Path) ? OpenAiError.Of(problem) : problem.ToResult();

    async Task<Problem?> RefuseAsync(FunctionContext context, HttpContext http)
    {
        var facts = FunctionFacts.Of(context.FunctionDefinition);
        var principal = await AuthenticateAsync(http.Request, context.CancellationToken);
        if (principal is not null) Caller.Set(http, principal);
        if (!facts.Anonymous)
        {
            if (principal is null) return await UnknownCallerAsync(http, context);
            if (facts.Permission is not { } permission || !principal.May(permission))
            {
                await security.RaiseAsync(Refused("caller.refused", principal, context), context.CancellationToken);
                return Problem.Forbidden($"This needs the permission '{facts.Permission?.ToString() ?? "none"}', which the roles of this key do not give.");
            }
        }

        var method = http.Request.Method;
        if (facts.Methods.Contains(method, StringComparer.OrdinalIgnoreCase)) return null;
        var allow = string.Join(", ", facts.Methods);
        return new(StatusCodes.Status405MethodNotAllowed, "Method not allowed.", $"{method} is not possible here; the methods are {allow}.") { Allow = allow };
    }

    async Task<Problem?> UnknownCallerAsync(HttpContext http, FunctionContext context)
    {
        if (PresentedKey.Of(http.Request) is { } key)
            await unknown.RefusedAsync(key, context.FunctionDefinition.Name, context.CancellationToken);
        return Problem.Unauthorized();
    }

    SecurityEvent Refused(string type, Principal principal, FunctionContext context) =>
        new(type, clock.GetUtcNow(), principal.Id, "refused", new Dictionary<string, string>(StringComparer.Ordinal) { ["function"] = context.FunctionDefinition.Name });

    async Task<Principal?> AuthenticateAsync(HttpRequest request, CancellationToken cancellationToken) =>
        PresentedKey.Of(request) is { } key ? await keys.FindAsync(key, cancellationToken) : null;
}
