using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>Reads one instance, or a page of those that a filter describes.</summary>
static class InstanceQueries
{
    public static async Task<IResult> StatusAsync(ManagementRequest request)
    {
        var (showInput, showOutputs) = (request.Flag("showInput", otherwise: true), request.Flag("showHistoryOutput", otherwise: false));
        if (await request.Client.GetInstanceAsync(request.Id, getInputsAndOutputs: true, request.Aborted) is not { } instance)
            return Results.NotFound();
        var history = request.Flag("showHistory", otherwise: false) && instance.RuntimeStatus != OrchestrationRuntimeStatus.Pending
            ? await InstanceHistory.ReadAsync(request.Engine, request.Id, showInput, showOutputs, request.Aborted)
            : null;
        return Answer(request, instance, InstanceStatus.Of(instance, showInput, history), request.Address);
    }

    /// <summary>200 for what is over and 202 for what runs, with the address to ask again; 500 for a failure when that is asked for.</summary>
    public static IResult Answer(ManagementRequest request, OrchestrationMetadata instance, JsonObject status, string address)
    {
        if (!instance.IsCompleted)
        {
            request.Response.Headers.Location = address;
            request.Response.Headers.RetryAfter = "5";
            return Results.Json(status, statusCode: StatusCodes.Status202Accepted);
        }
        var failed = instance.RuntimeStatus == OrchestrationRuntimeStatus.Failed && request.Flag("returnInternalServerErrorOnFailure", otherwise: false);
        return Results.Json(status, statusCode: failed ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK);
    }

    public static async Task<IResult> ListAsync(ManagementRequest request)
    {
        var showInput = request.Flag("showInput", otherwise: true);
        var query = new OrchestrationQuery(
            request.Time("createdTimeFrom"), request.Time("createdTimeTo"), request.Statuses(), InstanceIdPrefix: request.Text("instanceIdPrefix"),
            PageSize: request.Number("top", OrchestrationQuery.DefaultPageSize, most: 1000), FetchInputsAndOutputs: true, ContinuationToken: request.ContinuationToken);
        await foreach (var page in request.Client.GetAllInstancesAsync(query).AsPages().WithCancellation(request.Aborted))
        {
            if (page.ContinuationToken is { } more)
                request.Response.Headers[ManagementRequest.Continuation] = more;
            return Results.Json(new JsonArray([.. page.Values.Select(instance => InstanceStatus.Of(instance, showInput))]));
        }
        return Results.Json(new JsonArray());
    }
}
