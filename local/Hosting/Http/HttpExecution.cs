using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Durable;
using AiOs.Local.Hosting.Invocations;
using AiOs.Local.Hosting.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting.Http;

/// <summary>Runs a function for a request and turns what it returns into the response.</summary>
sealed class HttpExecution(FunctionRunner runner, DurableClientSource durable, QueueOutputs queues, ILogger<HttpExecution> log)
{
    public async Task RunAsync(HttpContext http, HostedFunction function)
    {
        await using var invocation = runner.Prepare(function, InputOf(http), http.RequestAborted);
        try
        {
            Introduce(invocation, http);
            await runner.RunAsync(invocation);
            await queues.SendAsync(invocation);
            await RespondAsync(invocation, http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            await ProblemAsync(invocation, http, failure);
        }
    }

    void Introduce(Invocation invocation, HttpContext http)
    {
        http.RequestServices = invocation.InstanceServices;
        invocation.Items[FunctionContextExtensions.HttpContextItem] = http;
        invocation.Features.Set<IHttpRequestDataFeature>(AspNetRequestData.Feature);
        invocation.Features.Set<IFromBodyConversionFeature>(BodyBinding.Feature);
        durable.Offer(invocation);
    }

    static TriggerInput InputOf(HttpContext http) =>
        new(http.Request, new RequestValues(http.Request), http.Request.Headers.TraceParent, http.Request.Headers.TraceState);

    async Task RespondAsync(Invocation invocation, HttpContext http)
    {
        var output = invocation.Function.OutputBindings.Values.FirstOrDefault(b => b.Type == "http");
        var result = output is null ? invocation.Bindings.Result : invocation.Bindings.Output(output) ?? invocation.Bindings.Result;
        switch (result)
        {
            case IActionResult action:
                await action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor()));
                break;
            case IResult minimal:
                await minimal.ExecuteAsync(http);
                break;
            case AspNetResponseData written:
                await written.CompleteAsync();
                break;
            default:
                log.NoHttpResponse(invocation.Function.Name, invocation.InvocationId);
                break;
        }
    }

    static async Task ProblemAsync(Invocation invocation, HttpContext http, Exception failure)
    {
        http.Response.Clear();
        http.Response.StatusCode = failure is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
        var problem = new ProblemDetails
        {
            Type = "about:blank",
            Title = http.Response.StatusCode == StatusCodes.Status500InternalServerError ? "The request could not be served." : "The request is malformed.",
            Status = http.Response.StatusCode,
            Extensions = { ["invocationId"] = invocation.InvocationId },
        };
        await http.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json", http.RequestAborted);
    }
}
