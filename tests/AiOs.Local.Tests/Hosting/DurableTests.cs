using System.Net;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiOs.Local.Tests.Hosting;

public sealed class DurableTests
{
    [Fact]
    public async Task An_http_function_starts_an_orchestrator_function_that_calls_activity_functions()
    {
        await using var host = await TestHost.StartAsync();

        using var response = await host.Http.PostAsync("/api/start/Fan", TestHost.Json("one three"));
        var id = await response.Content.ReadAsStringAsync();
        var ended = await EndAsync(host, id.Trim('"'));

        Assert.Equal(OrchestrationRuntimeStatus.Completed, ended.RuntimeStatus);
        Assert.Equal("one3,three5 in Fan", ended.ReadOutputAs<string>());
        Assert.Equal("""{"name":"working","size":0}""", ended.SerializedCustomStatus);
        Assert.Equal(["measured one well", "measured three well"], host.Recorder.Notes.Where(n => n.StartsWith("measured", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_orchestrator_calls_an_entity_function_and_an_activity_gets_the_client()
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal(5, (await RunAsync(host, "Parent", "k")).ReadOutputAs<int>());
        Assert.Equal("Starter", (await RunAsync(host, "Starter")).ReadOutputAs<string>());
    }

    [Theory]
    [InlineData(null, "DurableFunctions.Stamped calls System.Guid.NewGuid. Use context.NewGuid() instead.")]
    [InlineData("replay", "DurableFunctions.Stamped calls System.Guid.NewGuid. Use context.NewGuid() instead.")]
    [InlineData("off", null)]
    public async Task An_orchestrator_function_that_would_not_replay_fails_unless_a_setting_says_otherwise(string? setting, string? reason)
    {
        await using var host = await TestHost.StartAsync(determinism: setting);

        var end = await RunAsync(host, nameof(DurableFunctions.Stamped));
        if (reason is null)
            Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        else
            Assert.Contains(reason, end.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_determinism_that_is_none_is_refused_at_the_start() =>
        Assert.Contains("off, code or replay", (await Assert.ThrowsAsync<InvalidOperationException>(() => TestHost.StartAsync(determinism: "sometimes"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_wait_of_four_hours_takes_no_time()
    {
        await using var host = await TestHost.StartAsync();

        var silent = RunAsync(host, "Patient");
        await host.AdvanceUntilAsync(silent, TimeSpan.FromMinutes(30));
        var answered = await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Patient");
        await host.Host.DurableClient.RaiseEventAsync(answered, "answer", "yes");

        Assert.Equal("nobody answered", (await silent).ReadOutputAs<string>());
        Assert.Equal("yes", (await EndAsync(host, answered)).ReadOutputAs<string>());
    }

    [Theory]
    [InlineData("payload")]
    [InlineData("status")]
    public async Task What_Azure_would_not_carry_fails_here_too(string what)
    {
        await using var host = await TestHost.StartAsync();

        var ended = await RunAsync(host, "TooMuch", what);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Equal(typeof(ArgumentException).FullName, ended.FailureDetails!.ErrorType);
        await Assert.ThrowsAsync<ArgumentException>(() => host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("TooMuch", new string('x', 1100 * 1024)));
    }

    [Fact]
    public async Task Middleware_runs_around_every_kind_of_trigger()
    {
        await using var host = await TestHost.StartAsync(worker => worker.UseMiddleware(async (context, next) =>
        {
            context.InstanceServices.GetRequiredService<Recorder>().Note($"around {context.FunctionDefinition.InputBindings.Values.First(b => b.Type.EndsWith("Trigger", StringComparison.Ordinal)).Type}");
            await next();
        }));

        await host.GetAsync("/api/things");
        await host.Queue.SendAsync("texts", "hi", null, default);
        await RunAsync(host, "Parent", "k");
        await RunAsync(host, "Fan", "one");
        await host.AdvanceUntilAsync(Task.WhenAll(host.Recorder.WaitAsync("text hi"), host.Recorder.WaitAsync("tick")), TimeSpan.FromMinutes(1));

        Assert.Equal(
            ["around activityTrigger", "around entityTrigger", "around httpTrigger", "around orchestrationTrigger", "around queueTrigger", "around timerTrigger"],
            host.Recorder.Notes.Where(n => n.StartsWith("around", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Tasks_can_be_registered_in_code()
    {
        await using var host = await TestHost.StartAsync(worker => worker.ConfigureDurableWorker().AddTasks(tasks => tasks
            .AddOrchestratorFunc<string, string>("InCode", (context, input) => context.CallActivityAsync<string>("AlsoInCode", input))
            .AddActivityFunc<string, string>("AlsoInCode", (_, input) => input + "!")));

        Assert.Equal("hi!", (await RunAsync(host, "InCode", "hi")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_orchestrator_makes_http_calls_through_the_host()
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal("201 write a 3", (await RunAsync(host, "Call", new Uri(host.Host.BaseAddress, "api/things").ToString())).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_activity_is_told_when_the_host_shuts_down_and_runs_again_at_the_next_start()
    {
        using var folder = new TemporaryFolder();
        var recorder = new Recorder();
        string id;
        await using (var host = await TestHost.StartAsync(directory: folder.Path, recorder: recorder))
        {
            id = await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("Long");
            await recorder.WaitAsync("long began");
            await host.Host.StopAsync(new CancellationToken(canceled: true));
        }
        await recorder.WaitAsync("long was cancelled");
        recorder.Note("hurry");

        await using var again = await TestHost.StartAsync(directory: folder.Path, recorder: recorder);

        Assert.Equal("done", (await EndAsync(again, id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task The_check_status_response_names_the_management_addresses()
    {
        await using var host = await TestHost.StartAsync();

        using var response = await host.Http.GetAsync("/api/watch/a%20b");
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        var instance = new Uri(host.Host.BaseAddress, "runtime/webhooks/durabletask/instances/a%20b").AbsoluteUri;

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(instance, response.Headers.Location!.AbsoluteUri);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("a b", body.GetProperty("id").GetString());
        Assert.Equal(instance, body.GetProperty("statusQueryGetUri").GetString());
        Assert.Equal(instance + "/raiseEvent/{eventName}", body.GetProperty("sendEventPostUri").GetString());
        Assert.Equal(instance + "/terminate?reason={text}", body.GetProperty("terminatePostUri").GetString());
        Assert.Equal(instance, host.Host.DurableClient.CreateHttpManagementPayload("a b").PurgeHistoryDeleteUri);
    }

    static async Task<OrchestrationMetadata> RunAsync(TestHost host, string name, string? input = null) =>
        await EndAsync(host, await host.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync(name, input));

    static async Task<OrchestrationMetadata> EndAsync(TestHost host, string id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        return await host.Host.DurableClient.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
    }
}
