using System.Net;
using System.Text.Json;
using AiOs.DataPlane.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiOs.Local.Tests.Hosting;

public sealed class HttpTests
{
    [Fact]
    public async Task Route_values_the_request_and_the_services_reach_the_function()
    {
        await using var host = await TestHost.StartAsync();

        var reply = await host.GetJsonAsync("/api/hello/Ada?mark=!");

        Assert.Equal("Hello Ada!", reply.GetProperty("greeting").GetString());
        Assert.Equal("hello", reply.GetProperty("name").GetString());
        Assert.True(reply.GetProperty("sameRequest").GetBoolean());
        Assert.True(reply.GetProperty("sameServices").GetBoolean());
        Assert.True(reply.GetProperty("canBeCanceled").GetBoolean());
        Assert.Equal(["request:httpTrigger:In", "$return:http:Out"], reply.GetProperty("bindings").EnumerateArray().Select(b => b.GetString()));
        Assert.Equal("Ada", reply.GetProperty("data").GetString());
    }

    [Theory]
    [InlineData("GET", "/api/numbers/5", 200, "GET 12 True")]
    [InlineData("DELETE", "/api/numbers/5", 200, "DELETE 12 True")]
    [InlineData("GET", "/api/numbers/x", 404, "")]
    [InlineData("GET", "/api/numbers/0", 404, "")]
    [InlineData("GET", "/api/hello/4", 404, "")]
    [InlineData("GET", "/api/files/a/b.txt", 200, "a/b.txt")]
    [InlineData("GET", "/api/files", 200, "none")]
    [InlineData("GET", "/api/things", 200, "read")]
    [InlineData("PUT", "/api/things", 404, "")]
    [InlineData("GET", "/api/orders", 404, "")]
    [InlineData("GET", "/nowhere", 404, "")]
    [InlineData("GET", "/api/minimal", 200, "minimal")]
    [InlineData("GET", "/api/silent", 204, "")]
    public async Task Templates_constraints_and_methods_choose_the_function_and_anything_else_is_404(string method, string path, int status, string body)
    {
        await using var host = await TestHost.StartAsync();

        using var response = await host.Http.SendAsync(new(new(method), path));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_route_prefix_of_host_json_is_put_before_every_route()
    {
        await using var host = await TestHost.StartAsync(hostJson: """{"extensions":{"http":{"routePrefix":"/x/"}}}""");

        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/x/api/things")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("/api/things")).Status);
    }

    [Fact]
    public async Task A_body_is_bound_and_a_malformed_one_fails_the_function()
    {
        await using var host = await TestHost.StartAsync();

        using var good = await host.Http.PostAsync("/api/things", TestHost.Json("""{"name":"a","size":3}"""));
        using var bad = await host.Http.PostAsync("/api/things", TestHost.Json("""{"name":"""));

        Assert.Equal((HttpStatusCode.Created, "write a 3"), (good.StatusCode, await good.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.InternalServerError, bad.StatusCode);
    }

    [Fact]
    public async Task An_unhandled_exception_is_500_problem_details_without_internals()
    {
        await using var host = await TestHost.StartAsync();

        using var response = await host.Http.GetAsync("/api/fails");
        var body = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(500, JsonDocument.Parse(body).RootElement.GetProperty("status").GetInt32());
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperation", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_workers_own_request_and_response_model_works_too()
    {
        await using var host = await TestHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/model?q=1") { Content = TestHost.Json("""{"name":"a","size":3}""") };
        request.Headers.Add("X-Given", "given");

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("""{"name":"a","size":4}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("X-Query")));
        Assert.Equal("given", Assert.Single(response.Headers.GetValues("X-Given")));
        Assert.StartsWith("seen=yes", Assert.Single(response.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_result_can_answer_the_request_and_send_messages()
    {
        await using var host = await TestHost.StartAsync();

        using var response = await host.Http.PostAsync("/api/orders", content: null);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("""{"name":"one","size":1}""", Assert.Single(await host.Queue.PeekAsync("jobs", 9, default)).Body);
        Assert.Equal(["a", "b"], (await host.Queue.PeekAsync("letters", 9, default)).Select(m => m.Body));
        Assert.Equal(0, await host.Queue.CountAsync("unused", default));
    }

    [Fact]
    public async Task Every_execution_has_a_service_scope_that_ends_with_it()
    {
        await using var host = await TestHost.StartAsync();

        await host.GetJsonAsync("/api/hello/Ada");
        await host.GetJsonAsync("/api/hello/Bob");
        await host.Recorder.WaitAsync("disposed", 2);

        Assert.Equal(2, host.Recorder.Notes.Where(n => n.StartsWith("disposed", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Middleware_runs_in_order_and_may_answer_instead_or_change_the_result()
    {
        await using var host = await TestHost.StartAsync(worker =>
        {
            worker.UseMiddleware(async (context, next) =>
            {
                Note(context, "outer in");
                await next();
                Note(context, "outer out");
            });
            worker.UseMiddleware<Doorman>();
            worker.UseWhen(c => c.FunctionDefinition.Name == "read", async (context, next) =>
            {
                Note(context, "only read");
                await next();
                context.GetInvocationResult().Value = new Microsoft.AspNetCore.Mvc.ContentResult { Content = "changed" };
            });
        });

        Assert.Equal((HttpStatusCode.OK, "changed"), await host.GetAsync("/api/things"));
        Assert.Equal((HttpStatusCode.Unauthorized, ""), await host.GetAsync("/api/minimal"));
        Assert.Equal(["outer in", "door", "only read", "outer out", "outer in", "door", "outer out"], host.Recorder.Notes.Where(n => !n.StartsWith("startup", StringComparison.Ordinal)));

        static void Note(FunctionContext context, string note)
        {
            if (context.GetHttpContext() is not null)
                context.InstanceServices.GetRequiredService<Recorder>().Note(note);
        }
    }

    [Fact]
    public async Task The_trace_of_the_caller_reaches_the_function()
    {
        var seen = "";
        await using var host = await TestHost.StartAsync(worker => worker.UseMiddleware((context, next) =>
        {
            if (context.GetHttpContext() is not null)
                seen = context.TraceContext.TraceParent;
            return next();
        }));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/things") { Headers = { { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } } };

        using var response = await host.Http.SendAsync(request);

        Assert.Contains("0af7651916cd43dd8448eb211c80319c", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_takes_longer_than_host_json_allows_is_cancelled_and_answered_with_500()
    {
        await using var host = await TestHost.StartAsync(hostJson: """{"functionTimeout":"00:01:00","extensions":{"http":{"routePrefix":""}}}""");

        var reply = host.GetAsync("/api/stuck");
        await host.Recorder.WaitAsync("stuck");
        await host.AdvanceUntilAsync(reply, TimeSpan.FromSeconds(20));

        Assert.Equal(HttpStatusCode.InternalServerError, (await reply).Status);
        await host.Recorder.WaitAsync("unstuck");
    }

    sealed class Doorman(Recorder recorder) : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            if (context.GetHttpContext() is not { } http)
                return next(context);
            recorder.Note("door");
            if (http.Request.Path != "/api/minimal")
                return next(context);
            http.Response.StatusCode = 401;
            return Task.CompletedTask;
        }
    }
}
