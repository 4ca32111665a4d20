using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>Steers one instance. 202 when that is on disk, 404 for an unknown instance, 410 for one that is over.</summary>
static class InstanceChanges
{
    public static async Task<IResult> RaiseEventAsync(ManagementRequest request)
    {
        if (await RefuseAsync(request) is { } refusal)
            return refusal;
        if (!request.HasJsonContentType)
            throw new BadHttpRequestException("Send the event's payload as application/json.");
        await request.Client.RaiseEventAsync(request.Id, request.Route("eventName")!, await request.JsonAsync(), CancellationToken.None);
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    public static Task<IResult> TerminateAsync(ManagementRequest request) =>
        ChangeAsync(request, (client, reason) => client.TerminateInstanceAsync(request.Id, new TerminateInstanceOptions(reason), CancellationToken.None));

    public static Task<IResult> SuspendAsync(ManagementRequest request) =>
        ChangeAsync(request, (client, reason) => client.SuspendInstanceAsync(request.Id, reason, CancellationToken.None));

    public static Task<IResult> ResumeAsync(ManagementRequest request) =>
        ChangeAsync(request, (client, reason) => client.ResumeInstanceAsync(request.Id, reason, CancellationToken.None));

    // What runs has not failed, so that is a wrong request; what ended well will not fail any more, so that is gone.
    public static async Task<IResult> RewindAsync(ManagementRequest request)
    {
        if (await StatusAsync(request) is not { } status)
            return Results.NotFound();
        if (status is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Terminated)
            return Results.StatusCode(StatusCodes.Status410Gone);
        if (status != OrchestrationRuntimeStatus.Failed)
            throw new BadHttpRequestException($"The orchestration '{request.Id}' is {status}; only those that have failed can be rewound.");
        await request.Client.RewindInstanceAsync(request.Id, request.Text("reason") ?? "", CancellationToken.None);
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    static async Task<IResult> ChangeAsync(ManagementRequest request, Func<DurableTaskClient, string?, Task> change)
    {
        if (await RefuseAsync(request) is { } refusal)
            return refusal;
        await change(request.Client, request.Text("reason"));
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    static async Task<IResult?> RefuseAsync(ManagementRequest request) => await StatusAsync(request) switch
    {
        null => Results.NotFound(),
        OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated => Results.StatusCode(StatusCodes.Status410Gone),
        _ => null,
    };

    static async Task<OrchestrationRuntimeStatus?> StatusAsync(ManagementRequest request) =>
        (await request.Client.GetInstanceAsync(request.Id, request.Aborted))?.RuntimeStatus;
}
