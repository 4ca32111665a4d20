using System.Net;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Replies that tell a caller how to follow an orchestration.</summary>
public static class DurableTaskClientExtensions
{
    /// <summary>202 with <c>Location</c> and the addresses.</summary>
    public static Task<HttpResponseData> CreateCheckStatusResponseAsync(
        this DurableTaskClient client, HttpRequestData request, string instanceId, CancellationToken cancellation = default) =>
        client.CreateCheckStatusResponseAsync(request, instanceId, HttpStatusCode.Accepted, cancellation);

    /// <summary>A status of choice with <c>Location</c> and the addresses.</summary>
    public static async Task<HttpResponseData> CreateCheckStatusResponseAsync(
        this DurableTaskClient client, HttpRequestData request, string instanceId, HttpStatusCode statusCode, CancellationToken cancellation = default)
    {
        var (response, payload) = Begin(client, request, instanceId, statusCode);
        await HttpRequestDataExtensions.SerializerOf(request.FunctionContext).SerializeAsync(response.Body, payload, payload.GetType(), cancellation);
        return response;
    }

    /// <summary>202 with <c>Location</c> and the addresses.</summary>
    public static HttpResponseData CreateCheckStatusResponse(
        this DurableTaskClient client, HttpRequestData request, string instanceId, CancellationToken cancellation = default) =>
        client.CreateCheckStatusResponse(request, instanceId, HttpStatusCode.Accepted, cancellation);

    /// <summary>A status of choice with <c>Location</c> and the addresses.</summary>
    public static HttpResponseData CreateCheckStatusResponse(
        this DurableTaskClient client, HttpRequestData request, string instanceId, HttpStatusCode statusCode, CancellationToken cancellation = default)
    {
        var (response, payload) = Begin(client, request, instanceId, statusCode);
        HttpRequestDataExtensions.SerializerOf(request.FunctionContext).Serialize(response.Body, payload, payload.GetType(), cancellation);
        return response;
    }

    /// <summary>The addresses alone.</summary>
    public static HttpManagementPayload CreateHttpManagementPayload(this DurableTaskClient client, string instanceId, HttpRequestData? request = null) =>
        ManagementUrls.For(client, instanceId, request);

    /// <summary>The output when the orchestration ends while the request lives, else what <see cref="CreateCheckStatusResponseAsync(DurableTaskClient, HttpRequestData, string, CancellationToken)"/> replies.</summary>
    public static async Task<HttpResponseData> WaitForCompletionOrCreateCheckStatusResponseAsync(
        this DurableTaskClient client,
        HttpRequestData request,
        string instanceId,
        TimeSpan? retryInterval = null,
        bool returnInternalServerErrorOnFailure = false,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        if (retryInterval <= TimeSpan.Zero)
            throw new ArgumentException("The interval between looks is positive.", nameof(retryInterval));
        try
        {
            var ended = await client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs, cancellation);
            var failed = returnInternalServerErrorOnFailure && ended.RuntimeStatus == OrchestrationRuntimeStatus.Failed;
            var response = request.CreateResponse(failed ? HttpStatusCode.InternalServerError : HttpStatusCode.OK);
            await response.WriteAsJsonAsync(StatusOf(ended), CancellationToken.None);
            return response;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return await client.CreateCheckStatusResponseAsync(request, instanceId, CancellationToken.None);
        }
    }

    static (HttpResponseData Response, HttpManagementPayload Payload) Begin(
        DurableTaskClient client, HttpRequestData request, string instanceId, HttpStatusCode statusCode)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        var payload = ManagementUrls.For(client, instanceId, request);
        var response = request.CreateResponse(statusCode);
        response.Headers.Add("Location", payload.StatusQueryGetUri);
        response.Headers.Add("Content-Type", "application/json");
        return (response, payload);
    }

    static object StatusOf(OrchestrationMetadata instance) => new
    {
        name = instance.Name,
        instanceId = instance.InstanceId,
        createdAt = instance.CreatedAt,
        lastUpdatedAt = instance.LastUpdatedAt,
        runtimeStatus = instance.RuntimeStatus.ToString(),
        serializedInput = instance.SerializedInput,
        serializedOutput = instance.SerializedOutput,
        serializedCustomStatus = instance.SerializedCustomStatus,
    };
}
