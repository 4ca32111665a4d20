using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using FromBodyAttribute = Microsoft.Azure.Functions.Worker.Http.FromBodyAttribute;

namespace AiOs.Bench.Http;

/// <summary>What is asked for.</summary>
public sealed record Order([property: System.Text.Json.Serialization.JsonPropertyName("order")] string Id);

/// <summary>What each step of an order answered.</summary>
public sealed record Fulfilment(string Order, IReadOnlyList<string> Receipts);

/// <summary>A functions app as small as one can be: a request starts an orchestration of three activities and is answered when that is complete.</summary>
public static class OrderFunctions
{
    /// <summary>Fulfils an order.</summary>
    [Function(nameof(Fulfil))]
    public static async Task<IActionResult> Fulfil(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "orders/fulfil")] HttpRequest request,
        [FromBody] Order order, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        var id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(FulfilOrder), order.Id, cancellationToken);
        var end = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellationToken);
        return end.RuntimeStatus == OrchestrationRuntimeStatus.Completed
            ? new OkObjectResult(end.ReadOutputAs<Fulfilment>())
            : new ObjectResult(end.FailureDetails?.ErrorMessage) { StatusCode = StatusCodes.Status500InternalServerError };
    }

    /// <summary>Three steps, one after the other.</summary>
    [Function(nameof(FulfilOrder))]
    public static async Task<Fulfilment> FulfilOrder([OrchestrationTrigger] TaskOrchestrationContext context, string order)
    {
        var reserved = await context.CallActivityAsync<string>(nameof(Reserve), order);
        var charged = await context.CallActivityAsync<string>(nameof(Charge), order);
        var shipped = await context.CallActivityAsync<string>(nameof(Ship), order);
        return new(order, [reserved, charged, shipped]);
    }

    /// <summary>The first step.</summary>
    [Function(nameof(Reserve))]
    public static string Reserve([ActivityTrigger] string order) => $"reserve {order}";

    /// <summary>The second step.</summary>
    [Function(nameof(Charge))]
    public static string Charge([ActivityTrigger] string order) => $"charge {order}";

    /// <summary>The third step.</summary>
    [Function(nameof(Ship))]
    public static string Ship([ActivityTrigger] string order) => $"ship {order}";
}
