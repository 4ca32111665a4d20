using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>Reads, lists and signals entities.</summary>
static class EntityCalls
{
    /// <summary>Stands for the empty key when a state is read.</summary>
    const string EmptyKey = "$";

    public static async Task<IResult> StateAsync(ManagementRequest request)
    {
        var key = request.Route("key")!;
        var entity = await request.Client.Entities.GetEntityAsync(new EntityInstanceId(request.Route("name")!, key == EmptyKey ? "" : key), includeState: true, request.Aborted);
        return entity is null ? Results.NotFound() : Results.Json(InstanceStatus.Payload(entity.State.Value));
    }

    public static async Task<IResult> ListAsync(ManagementRequest request)
    {
        var query = new EntityQuery
        {
            InstanceIdStartsWith = request.Route("name") is { } name ? $"@{name}@" : null,
            LastModifiedFrom = request.Time("lastOperationTimeFrom"),
            LastModifiedTo = request.Time("lastOperationTimeTo"),
            IncludeState = request.Flag("fetchState", otherwise: false),
            PageSize = request.Number("top", EntityQuery.DefaultPageSize, most: 1000),
            ContinuationToken = request.ContinuationToken,
        };
        await foreach (var page in request.Client.Entities.GetAllEntitiesAsync(query).AsPages().WithCancellation(request.Aborted))
        {
            if (page.ContinuationToken is { } more)
                request.Response.Headers[ManagementRequest.Continuation] = more;
            return Results.Json(new JsonArray([.. page.Values.Select(Describe)]));
        }
        return Results.Json(new JsonArray());
    }

    public static async Task<IResult> SignalAsync(ManagementRequest request)
    {
        var operation = request.Text("op") is { Length: > 0 } named ? named : throw new BadHttpRequestException("Name the operation with the parameter 'op'.");
        object? input = request.HasJsonContentType ? await request.JsonAsync() : await request.BodyAsync() is { Length: > 0 } text ? text : null;
        return await SignalAsync(request, operation, input);
    }

    public static Task<IResult> DeleteAsync(ManagementRequest request) => SignalAsync(request, "delete", input: null);

    static async Task<IResult> SignalAsync(ManagementRequest request, string operation, object? input)
    {
        await request.Client.Entities.SignalEntityAsync(new EntityInstanceId(request.Route("name")!, request.Route("key") ?? ""), operation, input, options: null, CancellationToken.None);
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    static JsonObject Describe(EntityMetadata entity) => new()
    {
        ["entityId"] = new JsonObject { ["name"] = entity.Id.Name, ["key"] = entity.Id.Key },
        ["lastOperationTime"] = InstanceStatus.Time(entity.LastModifiedTime),
        ["state"] = entity.IncludesState ? InstanceStatus.Payload(entity.State.Value) : null,
    };
}
