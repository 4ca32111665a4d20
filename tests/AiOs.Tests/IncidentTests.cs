using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiOs.Security;

namespace AiOs.Tests;

/// <summary>The IT team's first response: safe cures at once, risky ones after a yes, a look whether it helped, somebody paged where it did not.</summary>
public sealed class IncidentTests(DeployedApps apps)
{
    const string App = "it-incident";

    [Fact]
    public async Task An_alert_by_event_restarts_the_service_once_and_sees_that_it_is_healthy_again()
    {
        await using var os = await apps.StartAsync();
        await TroubleAsync(os, "mail-worker", sticky: false);
        var alert = JsonSerializer.Serialize(new { specversion = "1.0", id = "a-1", source = "/alerts", type = "com.contoso.alert.fired", data = new { text = "mail-worker has crashed four times since 08:30 and is not coming back" } });
        using var response = await os.Http.PostAsync("api/events", new StringContent(alert, Encoding.UTF8, "application/cloudevents+json"));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var outcome = await os.RunAsync((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("runs")[0].RunId());
        Assert.Equal("completed", outcome.Status());
        Assert.Equal("mail-worker", Assert.Single(os.Sandbox.Effects("/services/{name}/restart")).Subject);
        Assert.Equal(["restart", "verify"], outcome.GetProperty("actions").EnumerateArray().Select(action => action.GetProperty("step").GetString()));
        Assert.Contains("healthy again", outcome.GetProperty("answer").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Empty(os.Sandbox.Effects("/notifications"));
    }

    [Fact]
    public async Task A_cure_that_does_not_help_pages_the_on_call()
    {
        await using var os = await apps.StartAsync();
        await TroubleAsync(os, "mail-worker", sticky: true);
        var outcome = await os.SendAsync(App, "mail-worker has crashed four times since 08:30 and is not coming back");
        Assert.Equal("completed", outcome.Status());
        Assert.Single(os.Sandbox.Effects("/notifications"));
    }

    [Fact]
    public async Task A_risky_cure_waits_for_an_operator()
    {
        await using var os = await apps.StartAsync();
        using var operations = await os.ClientOfAsync(Role.Operator);
        var waiting = await os.SendAsync(App, "payment-api is completely down, nobody can pay");
        Assert.Equal("waiting", waiting.Status());
        Assert.Empty(os.Sandbox.Requests("/services"));
        using var answered = await operations.PostAsJsonAsync($"api/approvals/{waiting.Approval()}", new { decision = "approve" });
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal("completed", (await os.RunAsync(waiting.RunId())).Status());
        Assert.Equal("payment-api", Assert.Single(os.Sandbox.Effects("/services/{name}/restart")).Subject);
    }

    [Fact]
    public async Task The_review_of_six_in_the_morning_runs_once_when_the_clock_passes_it()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 4, 55, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        await ArrivalsTests.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            return (await ScheduledAsync(os)).Count > 0;
        });
        var run = Assert.Single(await ScheduledAsync(os));

        // Small steps: a request that a leap of the clock ran into its time limit is repeated after its pause.
        await ArrivalsTests.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return (await os.RunAsync(run, _ => true)).Status() == "completed";
        });
        Assert.Equal(3, os.Sandbox.Requests("/services").Select(request => request.Path).Distinct(StringComparer.Ordinal).Count());
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal([run], await ScheduledAsync(os));
    }

    static async Task<IReadOnlyList<string>> ScheduledAsync(LocalOs os) =>
        [.. (await os.Http.GetFromJsonAsync<JsonElement>($"api/runs?app={App}")).GetProperty("runs").EnumerateArray().Where(run => run.GetProperty("channel").GetString() == "schedule").Select(run => run.RunId())];

    static async Task TroubleAsync(LocalOs os, string service, bool sticky)
    {
        using var sandbox = new HttpClient { BaseAddress = new Uri(os.Sandbox.Url) };
        using var told = await sandbox.PutAsJsonAsync($"_services/{service}", new { status = "down", sticky });
        Assert.True(told.IsSuccessStatusCode);
    }
}
