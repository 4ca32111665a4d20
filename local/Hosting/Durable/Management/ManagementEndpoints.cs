using AiOs.Local.Hosting.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>The routes of Durable Functions' HTTP management API (learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api).</summary>
sealed class ManagementEndpoints : EndpointDataSource
{
    /// <summary>What every route begins with.</summary>
    public const string Root = "runtime/webhooks/durabletask";

    readonly ManagementGate gate;
    readonly DurableClientSource source;
    readonly ILogger log;
    readonly List<Endpoint> endpoints = [];

    public ManagementEndpoints(ManagementGate gate, DurableClientSource source, ILogger<ManagementEndpoints> log)
    {
        (this.gate, this.source, this.log) = (gate, source, log);
        Map("GET", "instances", "list", InstanceQueries.ListAsync);
        Map("DELETE", "instances", "purgeMany", InstancePurges.ManyAsync);
        Map("GET", "instances/{id}", "status", InstanceQueries.StatusAsync);
        Map("DELETE", "instances/{id}", "purge", InstancePurges.OneAsync);
        Map("POST", "instances/{id}/raiseEvent/{eventName}", "raiseEvent", InstanceChanges.RaiseEventAsync);
        Map("POST", "instances/{id}/terminate", "terminate", InstanceChanges.TerminateAsync);
        Map("POST", "instances/{id}/suspend", "suspend", InstanceChanges.SuspendAsync);
        Map("POST", "instances/{id}/resume", "resume", InstanceChanges.ResumeAsync);
        Map("POST", "instances/{id}/rewind", "rewind", InstanceChanges.RewindAsync);
        Map("POST", "instances/{id}/restart", "restart", Starts.RestartAsync);
        Map("POST", "orchestrators/{name}/{id?}", "start", Starts.NewAsync);
        Map("GET", "entities/{name?}", "entities", EntityCalls.ListAsync);
        Map("GET", "entities/{name}/{key}", "entity", EntityCalls.StateAsync);
        Map("POST", "entities/{name}/{key?}", "signal", EntityCalls.SignalAsync);
        Map("DELETE", "entities/{name}/{key}", "deleteEntity", EntityCalls.DeleteAsync);
    }

    public override IReadOnlyList<Endpoint> Endpoints => endpoints;

    public override IChangeToken GetChangeToken() => NullChangeToken.Singleton;

    void Map(string method, string route, string operation, Func<ManagementRequest, Task<IResult>> serve)
    {
        var changes = !HttpMethods.IsGet(method);
        var endpoint = new RouteEndpointBuilder(http => RunAsync(http, operation, changes, serve), RoutePatternFactory.Parse($"{Root}/{route}"), order: 0) { DisplayName = $"durable {operation}" };
        endpoint.Metadata.Add(new FunctionMethods([method]));
        endpoints.Add(endpoint.Build());
    }

    async Task RunAsync(HttpContext http, string operation, bool changes, Func<ManagementRequest, Task<IResult>> serve)
    {
        var request = new ManagementRequest(http, source);
        await gate(new(http, operation, request.Subject, changes), async () => await (await AnswerAsync(request, operation, serve)).ExecuteAsync(http));
    }

    async Task<IResult> AnswerAsync(ManagementRequest request, string operation, Func<ManagementRequest, Task<IResult>> serve)
    {
        try
        {
            return await serve(request);
        }
        catch (Exception refusal) when (refusal is ArgumentException or BadHttpRequestException)
        {
            return Problem(StatusCodes.Status400BadRequest, "The request is not valid.", refusal.Message);
        }
        catch (InvalidOperationException conflict)
        {
            return Problem(StatusCodes.Status409Conflict, "Conflict.", conflict.Message);
        }
        catch (Exception failure) when (!request.Aborted.IsCancellationRequested)
        {
            log.ManagementFailed(failure, operation);
            return Problem(StatusCodes.Status500InternalServerError, "The request could not be served.", "What was asked for may or may not have happened; look at the instance.");
        }
    }

    /// <summary>The gate of a host that was given none.</summary>
    public static Task Closed(ManagementCall call, Func<Task> serve) => Problem(
        StatusCodes.Status403Forbidden, "Forbidden.", $"The management API is closed. The host opens it to whom its option {nameof(EmbeddedHostOptions.ManagementGate)} lets in.").ExecuteAsync(call.Http);

    static IResult Problem(int status, string title, string detail) => Results.Problem(detail, statusCode: status, title: title);
}
