using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.DurableTask.Http;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.Primitives;

namespace AiOs.Local.Tests.Hosting;

public sealed class DurableFunctions(Recorder recorder, ScopedThing thing)
{
    [Function("start")]
    public static async Task<IActionResult> Start([HttpTrigger("post", Route = "api/start/{name}")] HttpRequest request, string name, [DurableClient] DurableTaskClient client) =>
        new OkObjectResult(await client.ScheduleNewOrchestrationInstanceAsync(name, await new StreamReader(request.Body).ReadToEndAsync()));

    [Function("watch")]
    public static Task<HttpResponseData> Watch([HttpTrigger("get", Route = "api/watch/{id}")] HttpRequestData request, string id, [DurableClient] DurableTaskClient client) =>
        client.CreateCheckStatusResponseAsync(request, id);

    [Function("Fan")]
    public static async Task<string> Fan([OrchestrationTrigger] TaskOrchestrationContext context, string input)
    {
        context.SetCustomStatus(new Job("working"));
        var parts = await Task.WhenAll(input.Split(' ').Select(word => context.CallActivityAsync<Job>(nameof(Measure), word)));
        var inside = context.GetFunctionContext()?.FunctionDefinition.Name;
        return $"{string.Join(',', parts.Select(p => $"{p.Name}{p.Size.ToString(CultureInfo.InvariantCulture)}"))} in {inside}";
    }

    [Function(nameof(Measure))]
    public Job Measure([ActivityTrigger] string word, string instanceId, FunctionContext context, CancellationToken cancellationToken)
    {
        recorder.Note($"measured {word} {(instanceId.Length > 0 && context.CancellationToken == cancellationToken && thing.Id.Length > 0 ? "well" : "badly")}");
        return new(word, word.Length);
    }

    [Function(nameof(Stamped))]
    public static Task<Guid> Stamped([OrchestrationTrigger] TaskOrchestrationContext context) => Task.FromResult(context.IsReplaying ? Guid.Empty : Guid.NewGuid());

    [Function("Parent")]
    public static async Task<int> Parent([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var id = new EntityInstanceId("Counter", context.GetInput<string>()!);
        await context.Entities.CallEntityAsync(id, "Add", 2);
        await context.Entities.CallEntityAsync(id, "add", 3);
        return await context.Entities.CallEntityAsync<int>(id, "get");
    }

    [Function("Counter")]
    public static Task Dispatch([EntityTrigger] TaskEntityDispatcher dispatcher) => dispatcher.DispatchAsync<Counter>();

    [Function("Starter")]
    public static async Task<string> Starter([OrchestrationTrigger] TaskOrchestrationContext context) => await context.CallActivityAsync<string>("Relay", context.InstanceId);

    [Function("Relay")]
    public static async Task<string> Relay([ActivityTrigger] string from, [DurableClient] DurableTaskClient client) =>
        (await client.GetInstanceAsync(from))!.Name;

    [Function("TooMuch")]
    public static async Task<string> TooMuch([OrchestrationTrigger] TaskOrchestrationContext context, string what)
    {
        if (what == "status")
            context.SetCustomStatus(new string('x', 9 * 1024));
        return await context.CallActivityAsync<string>("Echo", new string('x', what == "payload" ? 1100 * 1024 : 1));
    }

    [Function("Echo")]
    public static string Echo([ActivityTrigger] string text) => text;

    [Function("Call")]
    public static async Task<string> Call([OrchestrationTrigger] TaskOrchestrationContext context, string url)
    {
        var response = await context.CallHttpAsync(new DurableHttpRequest(HttpMethod.Post, new Uri(url))
        {
            Content = """{"name":"a","size":3}""",
            Headers = new Dictionary<string, StringValues>(StringComparer.Ordinal) { ["Content-Type"] = "application/json" },
        });
        return $"{(int)response.StatusCode} {response.Content}";
    }

    [Function("Patient")]
    public static async Task<string> Patient([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            return await context.WaitForExternalEvent<string>("answer", TimeSpan.FromHours(4));
        }
        catch (TaskCanceledException)
        {
            return "nobody answered";
        }
    }

    [Function("Long")]
    public static Task<string> Long([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync<string>("Last", "x");

    [Function("Last")]
    public async Task<string> Last([ActivityTrigger] string text, CancellationToken cancellationToken)
    {
        if (recorder.Notes.Contains("hurry"))
            return "done";
        recorder.Note("long began");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return text;
        }
        finally
        {
            recorder.Note("long was cancelled");
        }
    }

    [Function("Fragile")]
    public static Task<string> Fragile([OrchestrationTrigger] TaskOrchestrationContext context, string input) => context.CallActivityAsync<string>("Break", input);

    [Function("Break")]
    public string Break([ActivityTrigger] string text)
    {
        if (recorder.Notes.Contains("repaired"))
            return text;
        throw new InvalidOperationException("broken");
    }

    public sealed class Counter : TaskEntity<int>
    {
        public void Add(int amount) => State += amount;

        public int Get() => State;
    }
}
