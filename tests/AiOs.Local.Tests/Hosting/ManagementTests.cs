using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using AiOs.Local.Hosting.Durable.Management;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Hosting;

public sealed class ManagementTests
{
    const string Root = "/runtime/webhooks/durabletask";

    static readonly ManagementGate open = (_, serve) => serve();

    [Fact]
    public async Task The_management_api_is_closed_unless_a_gate_lets_callers_in()
    {
        var asked = new List<ManagementCall>();
        await using var closed = await TestHost.StartAsync();
        await using var gated = await TestHost.StartAsync(gate: (call, serve) =>
        {
            asked.Add(call);
            return call.Changes ? Microsoft.AspNetCore.Http.Results.StatusCode(418).ExecuteAsync(call.Http) : serve();
        });
        var id = await gated.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Patient");

        using var refused = await closed.Http.GetAsync($"{Root}/instances");
        Assert.Equal((HttpStatusCode.Forbidden, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
        Assert.Equal(HttpStatusCode.OK, (await gated.GetAsync($"{Root}/instances")).Status);
        Assert.Equal((HttpStatusCode)418, await PostAsync(gated, $"{Root}/instances/{id}/terminate"));
        Assert.False((await gated.Host.DurableClient.GetInstanceAsync(id))!.IsCompleted);
        Assert.Equal([("list", null, false), ("terminate", id, true)], asked.Select(call => (call.Operation, call.Subject, call.Changes)));
    }

    [Fact]
    public async Task The_addresses_of_a_check_status_response_work()
    {
        await using var host = await TestHost.StartAsync(gate: open);
        await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Patient", new StartOrchestrationOptions("a b/c%2"));
        using var watched = await host.Http.GetAsync($"/api/watch/{Uri.EscapeDataString("a b")}");
        var urls = host.Host.DurableClient.CreateHttpManagementPayload("a b/c%2");

        using var running = await host.Http.GetAsync(urls.StatusQueryGetUri);
        Assert.Equal(HttpStatusCode.Accepted, running.StatusCode);
        Assert.Equal((urls.StatusQueryGetUri, "5"), (running.Headers.Location!.OriginalString, running.Headers.RetryAfter!.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync(watched.Headers.Location!.OriginalString)).Status);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(host, urls.SuspendPostUri!.Replace("{text}", "later", StringComparison.Ordinal)));
        await UntilAsync(host, "a b/c%2", OrchestrationRuntimeStatus.Suspended);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(host, urls.ResumePostUri!.Replace("{text}", "now", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(host, urls.SendEventPostUri!.Replace("{eventName}", "answer", StringComparison.Ordinal), "\"yes\""));
        await EndAsync(host, "a b/c%2");
        var status = await host.GetJsonAsync(urls.StatusQueryGetUri!);
        Assert.Equal(("Patient", "Completed", "yes"), (status.GetProperty("name").GetString(), status.GetProperty("runtimeStatus").GetString(), status.GetProperty("output").GetString()));
        Assert.Equal(HttpStatusCode.Gone, await PostAsync(host, urls.TerminatePostUri!.Replace("{text}", "over", StringComparison.Ordinal)));
        Assert.Equal("""{"instancesDeleted":1}""", await DeleteAsync(host, urls.PurgeHistoryDeleteUri!, HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync(urls.StatusQueryGetUri!)).Status);
    }

    [Fact]
    public async Task A_status_shows_payloads_and_history_as_it_is_asked_to()
    {
        await using var host = await TestHost.StartAsync(gate: open);
        var id = await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Fan", "one three");
        await EndAsync(host, id);

        var plain = await host.GetJsonAsync($"{Root}/instances/{id}");
        var bare = await host.GetJsonAsync($"{Root}/instances/{id}?showInput=false");
        var full = await host.GetJsonAsync($"{Root}/instances/{id}?showHistory=true&showHistoryOutput=true");

        Assert.Equal("one three", plain.GetProperty("input").GetString());
        Assert.Equal("one3,three5 in Fan", plain.GetProperty("output").GetString());
        Assert.Equal("working", plain.GetProperty("customStatus").GetProperty("name").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", plain.GetProperty("createdTime").GetString());
        Assert.False(plain.TryGetProperty("historyEvents", out _));
        Assert.Equal(JsonValueKind.Null, bare.GetProperty("input").ValueKind);
        var history = full.GetProperty("historyEvents").EnumerateArray().ToList();
        Assert.Equal(["ExecutionStarted", "TaskCompleted", "TaskCompleted", "ExecutionCompleted"], history.Select(e => e.GetProperty("EventType").GetString()));
        Assert.Equal(["Measure", "Measure"], history.Skip(1).Take(2).Select(e => e.GetProperty("FunctionName").GetString()));
        Assert.Equal([3, 5], history.Skip(1).Take(2).Select(e => e.GetProperty("Result").GetProperty("size").GetInt32()).Order());
        Assert.Equal("Completed", history[^1].GetProperty("OrchestrationStatus").GetString());
        var silent = await host.GetJsonAsync($"{Root}/instances/{id}?showHistory=true&showInput=false");
        Assert.All(silent.GetProperty("historyEvents").EnumerateArray(), e => Assert.False(e.TryGetProperty("Result", out _) || e.TryGetProperty("Input", out _)));
    }

    [Fact]
    public async Task Instances_are_listed_by_filter_in_pages()
    {
        await using var host = await TestHost.StartAsync(gate: open);
        for (var i = 0; i < 5; i++)
            await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Patient", new StartOrchestrationOptions($"p-{i}"));
        await EndAsync(host, await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Starter"));
        foreach (var i in Enumerable.Range(0, 5))
            await host.Host.DurableClient.WaitForInstanceStartAsync($"p-{i}");

        using var first = await host.Http.GetAsync($"{Root}/instances?instanceIdPrefix=p-&runtimeStatus=Running,Pending&top=3");
        var token = Assert.Single(first.Headers.GetValues("x-ms-continuation-token"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Root}/instances?instanceIdPrefix=p-&runtimeStatus=Running&runtimeStatus=Pending&top=3") { Headers = { { "x-ms-continuation-token", token } } };
        using var second = await host.Http.SendAsync(request);

        Assert.Equal(["p-0", "p-1", "p-2"], await IdsAsync(first));
        Assert.Equal(["p-3", "p-4"], await IdsAsync(second));
        Assert.False(second.Headers.Contains("x-ms-continuation-token"));
        Assert.Single((await host.GetJsonAsync($"{Root}/instances?runtimeStatus=Completed")).EnumerateArray());
        Assert.Empty((await host.GetJsonAsync($"{Root}/instances?createdTimeFrom=2999-01-01T00:00:00Z")).EnumerateArray());
    }

    [Theory]
    [InlineData("GET", "instances?top=many", 400, "'top' must be a number from 1 to 1000")]
    [InlineData("GET", "instances?createdTimeFrom=noon", 400, "'createdTimeFrom' must be a time")]
    [InlineData("GET", "instances?runtimeStatus=Odd", 400, "'runtimeStatus' must be of Pending")]
    [InlineData("GET", "instances/p?showInput=perhaps", 400, "'showInput' must be true or false")]
    [InlineData("GET", "instances/%40entity%40key", 400, "is the id of an entity")]
    [InlineData("DELETE", "instances", 400, "createdTimeFrom")]
    [InlineData("DELETE", "instances?createdTimeFrom=2999-01-01", 404, "")]
    [InlineData("DELETE", "instances/nobody", 404, "")]
    [InlineData("DELETE", "instances/p", 409, "only those that are over")]
    [InlineData("POST", "instances/nobody/terminate", 404, "")]
    [InlineData("POST", "instances/nobody/suspend", 404, "")]
    [InlineData("POST", "instances/nobody/raiseEvent/e", 404, "")]
    [InlineData("POST", "instances/nobody/rewind", 404, "")]
    [InlineData("POST", "instances/nobody/restart", 400, "was not found")]
    [InlineData("POST", "instances/p/rewind", 400, "only those that have failed")]
    [InlineData("POST", "instances/p/raiseEvent/e", 400, "is not JSON")]
    [InlineData("POST", "instances/p", 404, "")]
    [InlineData("GET", "instances/p/terminate", 404, "")]
    [InlineData("POST", "orchestrators/Bogus", 400, "no orchestrator 'Bogus'")]
    [InlineData("POST", "orchestrators/Patient/p2", 400, "is not JSON")]
    [InlineData("POST", "orchestrators/Patient?timeout=1000", 400, "'timeout' must be seconds, 0 to 230")]
    [InlineData("GET", "entities/counter/none", 404, "")]
    [InlineData("POST", "entities/counter/k", 400, "'op'")]
    public async Task What_cannot_be_done_is_said_with_its_status(string method, string path, int status, string reason)
    {
        await using var host = await TestHost.StartAsync(gate: open);
        await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Patient", new StartOrchestrationOptions("p"));

        using var request = new HttpRequestMessage(new(method), $"{Root}/{path}") { Content = method == "POST" ? TestHost.Json("{") : null };
        using var response = await host.Http.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(reason, Regex.Unescape(await response.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orchestrations_are_started_with_and_without_an_id_and_waited_for()
    {
        await using var host = await TestHost.StartAsync(gate: open);

        using var started = await host.Http.PostAsync($"{Root}/orchestrators/Fan/mine", TestHost.Json("\"one\""));
        var urls = await started.Content.ReadFromJsonAsync<JsonElement>();
        await EndAsync(host, "mine");
        using var waited = await host.Http.PostAsync($"{Root}/orchestrators/Fan?timeout=20&pollingInterval=1", TestHost.Json("\"three\""));
        using var failed = await host.Http.PostAsync($"{Root}/orchestrators/Fragile?timeout=20&returnInternalServerErrorOnFailure=true", TestHost.Json("\"x\""));
        using var impatient = await host.Http.PostAsync($"{Root}/orchestrators/Patient/p?timeout=0", content: null);
        using var taken = await host.Http.PostAsync($"{Root}/orchestrators/Patient/p", content: null);

        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        Assert.Equal(started.Headers.Location!.OriginalString, urls.GetProperty("statusQueryGetUri").GetString());
        Assert.Equal("one3 in Fan", (await host.GetJsonAsync(urls.GetProperty("statusQueryGetUri").GetString()!)).GetProperty("output").GetString());
        Assert.Equal((HttpStatusCode.OK, "\"three5 in Fan\""), (waited.StatusCode, await waited.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Contains("broken", (await failed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("output").GetString(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Conflict), (impatient.StatusCode, taken.StatusCode));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(host, urls.GetProperty("restartPostUri").GetString() + "?restartWithNewInstanceId=false"));
    }

    [Fact]
    public async Task An_instance_is_terminated_rewound_restarted_and_purged()
    {
        await using var host = await TestHost.StartAsync(gate: open);
        var client = host.Host.DurableClient;
        await client.ScheduleNewOrchestrationInstanceAsync("Patient", new StartOrchestrationOptions("p"));
        await client.ScheduleNewOrchestrationInstanceAsync("Fragile", "mended", new StartOrchestrationOptions("f"));
        await EndAsync(host, "f");

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(host, $"{Root}/instances/p/terminate?reason=enough%20of%20it"));
        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "enough of it"), ((await EndAsync(host, "p")).RuntimeStatus, (await EndAsync(host, "p")).ReadOutputAs<string>()));
        Assert.Equal(HttpStatusCode.Gone, await PostAsync(host, $"{Root}/instances/p/rewind"));
        host.Recorder.Note("repaired");
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(host, $"{Root}/instances/f/rewind?reason=repaired"));
        Assert.Equal("mended", (await EndAsync(host, "f")).ReadOutputAs<string>());
        using var again = await host.Http.PostAsync($"{Root}/instances/f/restart", content: null);
        var other = (await again.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        Assert.Equal("mended", (await EndAsync(host, other)).ReadOutputAs<string>());
        Assert.NotEqual("f", other);
        Assert.Equal("""{"instancesDeleted":2}""", await DeleteAsync(host, $"{Root}/instances?createdTimeFrom=2000-01-01&runtimeStatus=Completed", HttpStatusCode.OK));
        Assert.Null(await client.GetInstanceAsync("f"));
    }

    [Fact]
    public async Task Entities_are_signalled_read_listed_and_deleted()
    {
        await using var host = await TestHost.StartAsync(gate: open);

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(host, $"{Root}/entities/Counter/k?op=Add", "4"));
        Assert.Equal("4", await StateAsync(host, "k"));
        var listed = Assert.Single((await host.GetJsonAsync($"{Root}/entities/counter?fetchState=true")).EnumerateArray());
        Assert.Equal(("counter", "k", 4), (listed.GetProperty("entityId").GetProperty("name").GetString(), listed.GetProperty("entityId").GetProperty("key").GetString(), listed.GetProperty("state").GetInt32()));
        Assert.Single((await host.GetJsonAsync($"{Root}/entities")).EnumerateArray());
        Assert.Empty((await host.GetJsonAsync($"{Root}/entities/other")).EnumerateArray());
        await DeleteAsync(host, $"{Root}/entities/Counter/k", HttpStatusCode.Accepted);
        Assert.Equal(5, (await EndAsync(host, await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Parent", "k"))).ReadOutputAs<int>());
    }

    static async Task<string> StateAsync(TestHost host, string key)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (await host.GetAsync($"{Root}/entities/Counter/{key}") is { Status: HttpStatusCode.OK, Body: var state })
                return state;
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, late.Token);
        }
    }

    static async Task<IEnumerable<string?>> IdsAsync(HttpResponseMessage response) =>
        [.. (await response.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray().Select(i => i.GetProperty("instanceId").GetString())];

    static async Task<HttpStatusCode> PostAsync(TestHost host, string url, string? json = null)
    {
        using var response = await host.Http.PostAsync(url, json is null ? null : TestHost.Json(json));
        return response.StatusCode;
    }

    static async Task<string> DeleteAsync(TestHost host, string url, HttpStatusCode expected)
    {
        using var response = await host.Http.DeleteAsync(url);
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    static async Task UntilAsync(TestHost host, string id, OrchestrationRuntimeStatus status)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await host.Host.DurableClient.GetInstanceAsync(id, late.Token))!.RuntimeStatus != status)
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, late.Token);
    }

    static async Task<OrchestrationMetadata> EndAsync(TestHost host, string id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        return await host.Host.DurableClient.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
    }
}
