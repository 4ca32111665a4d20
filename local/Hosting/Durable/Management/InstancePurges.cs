using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>Removes instances that are over, and says how many.</summary>
static class InstancePurges
{
    public static async Task<IResult> OneAsync(ManagementRequest request)
    {
        var purged = await request.Client.PurgeInstanceAsync(request.Id, CancellationToken.None);
        return Answer(purged);
    }

    public static async Task<IResult> ManyAsync(ManagementRequest request)
    {
        var from = request.Time("createdTimeFrom") ?? throw new BadHttpRequestException("Say from when on with the parameter 'createdTimeFrom'.");
        return Answer(await request.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(from, request.Time("createdTimeTo"), request.Statuses()), CancellationToken.None));
    }

    static IResult Answer(PurgeResult purged) => purged.PurgedInstanceCount == 0 ? Results.NotFound() : Results.Json(new JsonObject { ["instancesDeleted"] = purged.PurgedInstanceCount });
}
