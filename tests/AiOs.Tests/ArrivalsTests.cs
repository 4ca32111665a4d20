using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiOs.DataPlane.Queues;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

/// <summary>The other ways in: the queue, CloudEvents, the event stream out.</summary>
public sealed class ArrivalsTests(DeployedApps apps)
{
    [Fact]
    public async Task A_job_on_the_queue_becomes_one_run_however_often_it_is_delivered()
    {
        await using var os = await apps.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            using var accepted = await os.Http.PostAsJsonAsync("api/queues/claims", new { id = "job-1", text = Claims.Report(75), attributes = new { claimNumber = "Q-1" } });
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        }

        await UntilAsync(async () => (await RunsAsync(os)).Count(run => run.Status() == "completed") == 1);
        await UntilAsync(async () => await os.Services.GetRequiredService<IQueue>().CountAsync("aios-jobs", CancellationToken.None) == 0);
        Assert.Single(await RunsAsync(os));
        Assert.Equal("Q-1", Assert.Single(os.Sandbox.Effects("/payouts")).Subject);
    }

    [Fact]
    public async Task A_message_that_can_never_run_ends_in_the_poison_queue_with_its_reason()
    {
        await using var os = await apps.StartAsync();
        var queue = os.Services.GetRequiredService<IQueue>();
        await queue.SendAsync("aios-jobs", "{\"id\": \"x\", \"queue\": \"nobody-listens\", \"text\": \"hello\"}", null, CancellationToken.None);
        await queue.SendAsync("aios-jobs", "not even JSON", null, CancellationToken.None);
        await UntilAsync(async () => await queue.CountAsync("aios-jobs-poison", CancellationToken.None) == 2);
        var poison = await queue.PeekAsync("aios-jobs-poison", 10, CancellationToken.None);
        Assert.Contains(poison, message => message.Body.Contains("nobody-listens", StringComparison.Ordinal) && message.Body.Contains("reason", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cloud_event_starts_the_apps_that_listen_in_both_modes_and_once()
    {
        await using var os = await apps.StartAsync();
        var data = new { text = Claims.Report(90), claimNumber = "E-1" };
        var structured = JsonSerializer.Serialize(new { specversion = "1.0", id = "e-1", source = "/claims", type = "com.contoso.claim.filed", data });
        using var first = await os.Http.PostAsync("api/events", new StringContent(structured, Encoding.UTF8, "application/cloudevents+json"));
        Assert.True(first.StatusCode == HttpStatusCode.Accepted, await first.Content.ReadAsStringAsync());
        using var binary = new HttpRequestMessage(HttpMethod.Post, "api/events") { Content = JsonContent.Create(data) };
        foreach (var (name, value) in new[] { ("ce-specversion", "1.0"), ("ce-id", "e-1"), ("ce-source", "/claims"), ("ce-type", "com.contoso.claim.filed") }) binary.Headers.Add(name, value);
        using var second = await os.Http.SendAsync(binary);
        var runId = await RunIdAsync(first);
        Assert.Equal(runId, await RunIdAsync(second));
        await os.RunAsync(runId);
        Assert.Single(os.Sandbox.Effects("/payouts"));

        using var incomplete = await os.Http.PostAsync("api/events", new StringContent("{\"specversion\": \"1.0\", \"id\": \"e-2\"}", Encoding.UTF8, "application/cloudevents+json"));
        await MessagesTests.AssertProblemAsync(incomplete, HttpStatusCode.BadRequest, "source");

        static async Task<string> RunIdAsync(HttpResponseMessage response) => JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("runs")[0].RunId();
    }

    [Fact]
    public async Task The_event_stream_tells_the_steps_in_order_and_ends_with_the_outcome()
    {
        await using var os = await apps.StartAsync();
        var waiting = await os.SendAsync(Claims.App, Claims.Report(1900));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/runs/{waiting.RunId()}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var response = await os.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        using var answered = await os.Http.PostAsJsonAsync($"api/approvals/{waiting.Approval()}", new { decision = "approve" });
        var text = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(text.IndexOf("\"step\":\"intent\"", StringComparison.Ordinal) < text.IndexOf("\"step\":\"decision\"", StringComparison.Ordinal));
        Assert.Contains("\"step\":\"payout\"", text, StringComparison.Ordinal);
        Assert.Contains("event: outcome", text, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"completed\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_of_one_conversation_run_one_after_another_in_their_order()
    {
        await using var os = await apps.StartAsync();
        var first = await os.SendAsync(Claims.App, Claims.Report(1900), conversationId: "thread-1");
        Assert.Equal("waiting", first.Status());
        var second = await os.SendAsync(Claims.App, "Where is my claim?", conversationId: "thread-1", wait: 0);
        Assert.Equal("running", (await os.RunAsync(second.RunId(), _ => true)).Status());
        using var answered = await os.Http.PostAsJsonAsync($"api/approvals/{first.Approval()}", new { decision = "approve" });
        await os.RunAsync(first.RunId());
        Assert.Contains((await os.RunAsync(second.RunId())).Status(), new[] { "completed", "rejected" });
    }

    static async Task<IReadOnlyList<JsonElement>> RunsAsync(LocalOs os) =>
        [.. (await os.Http.GetFromJsonAsync<JsonElement>("api/runs?app=claims-intake")).GetProperty("runs").EnumerateArray().Where(run => run.GetProperty("channel").GetString() != "deploy")];

    /// <summary>Waits until it holds; the patience is spent on failure only.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await holds()) Assert.True(await tick.WaitForNextTickAsync(patience.Token));
    }
}
