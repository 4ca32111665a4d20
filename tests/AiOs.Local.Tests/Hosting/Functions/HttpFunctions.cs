using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;
using FromBodyAttribute = Microsoft.Azure.Functions.Worker.Http.FromBodyAttribute;

namespace AiOs.Local.Tests.Hosting;

public sealed class HttpFunctions(Recorder recorder, ScopedThing thing)
{
    [Function("hello")]
    public IActionResult Hello([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/hello/{name:alpha}")] HttpRequest request, string name,
        FunctionContext context, CancellationToken cancellationToken) => new OkObjectResult(new
        {
            Greeting = $"Hello {name}{request.Query["mark"]}",
            context.FunctionDefinition.Name,
            SameRequest = ReferenceEquals(context.GetHttpContext()!.Request, request),
            SameServices = ReferenceEquals(context.InstanceServices.GetRequiredService<ScopedThing>(), thing)
                && ReferenceEquals(request.HttpContext.RequestServices.GetRequiredService<ScopedThing>(), thing),
            cancellationToken.CanBeCanceled,
            Bindings = context.FunctionDefinition.InputBindings.Select(b => $"{b.Key}:{b.Value.Type}:{b.Value.Direction}")
                .Concat(context.FunctionDefinition.OutputBindings.Select(b => $"{b.Key}:{b.Value.Type}:{b.Value.Direction}")),
            Data = context.BindingContext.BindingData["name"],
        });

    [Function("number")]
    public static IActionResult Number([HttpTrigger(AuthorizationLevel.Anonymous, Route = "api/numbers/{id:int:min(1)}")] HttpRequest request, int id, Guid? nothing, int seven = 7) =>
        new ContentResult { Content = $"{request.Method} {(id + seven).ToString(CultureInfo.InvariantCulture)} {nothing is null}" };

    [Function("rest")]
    public static async Task<IActionResult> Rest([HttpTrigger("get", Route = "api/files/{*path}")] HttpRequest request, string? path)
    {
        await Task.Yield();
        return new ContentResult { Content = path ?? "none" };
    }

    [Function("read")]
    public static IActionResult Read([HttpTrigger("get", Route = "api/things")] HttpRequest request) => new ContentResult { Content = "read" };

    [Function("write")]
    public static IActionResult Write([HttpTrigger("post", Route = "api/things")] HttpRequest request, [FromBody] Job job) =>
        new ContentResult { Content = $"write {job.Name} {job.Size.ToString(CultureInfo.InvariantCulture)}", StatusCode = 201 };

    [Function("fails")]
    public static IActionResult Fails([HttpTrigger("get", Route = "api/fails")] HttpRequest request) => throw new InvalidOperationException("a secret detail");

    [Function("minimal")]
    public static IResult Minimal([HttpTrigger("get", Route = "api/minimal")] HttpRequest request) => Results.Text("minimal");

    [Function("silent")]
    public static void Silent([HttpTrigger("get", Route = "api/silent")] HttpRequest request) => request.HttpContext.Response.StatusCode = 204;

    [Function("stuck")]
    public async Task<IActionResult> Stuck([HttpTrigger("get", Route = "api/stuck")] HttpRequest request, FunctionContext context)
    {
        recorder.Note("stuck");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
        recorder.Note("unstuck");
        return new OkResult();
    }

    [Function("model")]
    public static async Task<HttpResponseData> Model([HttpTrigger("post", Route = "api/model")] HttpRequestData request)
    {
        var job = await request.ReadFromJsonAsync<Job>();
        var response = request.CreateResponse(HttpStatusCode.Accepted);
        response.Headers.Add("X-Query", request.Query["q"]);
        response.Headers.Add("X-Given", request.Headers.GetValues("X-Given"));
        response.Cookies.Append("seen", "yes");
        await response.WriteAsJsonAsync(job! with { Size = job.Size + 1 });
        return response;
    }

    [Function("order")]
    public static Ordered Order([HttpTrigger("post", Route = "api/orders")] HttpRequest request) =>
        new(new AcceptedResult(), new Job("one", 1), ["a", "b"], Unused: null);

    [Function("send")]
    [QueueOutput("sent")]
    public static async Task<string> Send([QueueTrigger("to-send")] string text)
    {
        await Task.Yield();
        return text + "!";
    }

    public sealed record Ordered(
        [property: HttpResult] IActionResult Reply, [property: QueueOutput("jobs")] Job Job, [property: QueueOutput("%LETTERS%")] string[] Letters,
        [property: QueueOutput("unused")] string? Unused);
}
