using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>Starts an orchestration, new or again; waits for its end when a timeout is given, as long as Azure lets a request last.</summary>
static class Starts
{
    const int LongestWait = 230;

    public static async Task<IResult> NewAsync(ManagementRequest request)
    {
        var name = request.Route("name")!;
        if (!request.Engine.KnowsOrchestrator(name))
            throw new BadHttpRequestException($"There is no orchestrator '{name}' here.");
        var wait = request.Seconds("timeout", LongestWait);
        var options = request.Route("id") is { } id ? new StartOrchestrationOptions(id) : null;
        return await AnswerAsync(request, await request.Client.ScheduleNewOrchestrationInstanceAsync(new TaskName(name), await request.JsonAsync(), options, CancellationToken.None), wait);
    }

    public static async Task<IResult> RestartAsync(ManagementRequest request)
    {
        var wait = request.Seconds("timeout", LongestWait);
        return await AnswerAsync(request, await request.Client.RestartAsync(request.Id, request.Flag("restartWithNewInstanceId", otherwise: true), CancellationToken.None), wait);
    }

    static async Task<IResult> AnswerAsync(ManagementRequest request, string id, TimeSpan? wait)
    {
        var urls = ManagementUrls.At(request.Root, id, query: null);
        if (wait is { } patience && await EndAsync(request, id, patience) is { } ended)
            return ended.RuntimeStatus == OrchestrationRuntimeStatus.Completed
                ? Results.Json(InstanceStatus.Payload(ended.SerializedOutput))
                : InstanceQueries.Answer(request, ended, InstanceStatus.Of(ended, showInput: true), urls.StatusQueryGetUri!);
        request.Response.Headers.Location = urls.StatusQueryGetUri;
        request.Response.Headers.RetryAfter = "10";
        return Results.Json(new JsonObject
        {
            ["id"] = urls.Id,
            ["statusQueryGetUri"] = urls.StatusQueryGetUri,
            ["sendEventPostUri"] = urls.SendEventPostUri,
            ["terminatePostUri"] = urls.TerminatePostUri,
            ["purgeHistoryDeleteUri"] = urls.PurgeHistoryDeleteUri,
            ["restartPostUri"] = urls.StatusQueryGetUri + "/restart",
            ["suspendPostUri"] = urls.SuspendPostUri,
            ["resumePostUri"] = urls.ResumePostUri,
        }, statusCode: StatusCodes.Status202Accepted);
    }

    static async Task<OrchestrationMetadata?> EndAsync(ManagementRequest request, string id, TimeSpan patience)
    {
        using var late = new CancellationTokenSource(patience, request.Engine.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, request.Aborted);
        try
        {
            return await request.Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return null;
        }
    }
}
