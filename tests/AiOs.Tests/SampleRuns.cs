using System.Net.Http.Json;
using System.Text.Json;
using AiOs.Local.Durable.Histories;
using AiOs.Sandbox.Control;

namespace AiOs.Tests;

/// <summary>Runs of the sample apps, one of every kind, played through the front door, and the histories that they leave.</summary>
static class SampleRuns
{
    const string PayAndAsk = """
          - id: payout
            act: {call: payments.payout, with: {minor: '100'}, undo: payments.cancel}
          - id: second
            approve: {role: adjuster, within: 4h, onTimeout: reject}
          - id: notify
            act: {call: desk.notify, with: {}}
        """;

    /// <summary>Plays them and returns their histories by the name of their file.</summary>
    public static async Task<IReadOnlyDictionary<string, RecordedHistory>> PlayAsync(DeployedApps apps)
    {
        var runs = new Dictionary<string, RecordedHistory>(StringComparer.Ordinal);
        await using (var os = await apps.StartAsync())
        {
            var played = await PlayAsync(os);
            using var file = HistoryFile.Open(Path.Combine(os.Host.DataDirectory, "durable.db"));
            foreach (var (name, id) in played) runs[name] = Assert.Single(file.Read(id));
            runs["deploy-claims-intake"] = file.InstanceIds("claims-intake-").Select(id => file.Read(id)[0]).First(history => history.Orchestrator == "DeployApp");
        }

        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using (var os = await apps.StartAsync(clock))
        {
            var waiting = (await os.SendAsync(Claims.App, Claims.Report(1900), wait: 0)).RunId();
            await os.AsleepAsync(waiting);
            clock.Advance(TimeSpan.FromHours(4.1));
            await EndAsync(os, waiting, "rejected");
            using var file = HistoryFile.Open(Path.Combine(os.Host.DataDirectory, "durable.db"));
            runs["claims-expired"] = Assert.Single(file.Read(waiting));
        }

        return runs;
    }

    static async Task<Dictionary<string, string>> PlayAsync(LocalOs os)
    {
        var runs = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["claims-allowed"] = await SentAsync(os, Claims.App, Claims.Report(240), "completed"),
            ["claims-approved"] = await AnsweredAsync(os, Claims.App, Claims.Report(1900), "approve", "completed"),
            ["claims-refused"] = await AnsweredAsync(os, Claims.App, Claims.Report(1900), "reject", "rejected"),
            ["claims-denied"] = await SentAsync(os, Claims.App, Claims.Report(1900), "rejected", new { claimsLastYear = 5 }),
            ["claims-asks"] = await SentAsync(os, Claims.App, "A storm on 3 March 2026 broke a window in my kitchen. The damage is 180.00 EUR.", "completed"),
            ["claims-cancelled"] = await CancelledAsync(os, Claims.App, Claims.Report(1900)),
            ["incident-restarted"] = await SentAsync(os, "it-incident", "mail-worker has crashed four times since 08:30 and is not coming back", "completed"),
            ["incident-approved"] = await AnsweredAsync(os, "it-incident", "payment-api is completely down, nobody can pay", "approve", "completed"),
            ["support-answered"] = await SentAsync(os, "customer-support", "Can you cancel a purchase that is pending?", "completed"),
        };
        var deployed = await os.DeployAsync("two-steps", UndoTests.App("key", PayAndAsk));
        Assert.True(deployed.Status() == "completed", deployed.GetRawText());
        runs["cancelled-and-undone"] = await CancelledAsync(os, "two-steps", "Please pay.");
        Assert.Single(os.Sandbox.Effects("/payouts/{id}/cancel"));
        os.Sandbox.Behave("/notifications", BehaviourMode.Fail);
        runs["failed-and-undone"] = await AnsweredAsync(os, "two-steps", "Please pay.", "approve", "failed");
        return runs;
    }

    static async Task<string> SentAsync(LocalOs os, string app, string text, string status, object? attributes = null)
    {
        var outcome = await os.SendAsync(app, text, attributes);
        return await EndAsync(os, outcome.RunId(), status);
    }

    static async Task<string> AnsweredAsync(LocalOs os, string app, string text, string decision, string status)
    {
        var waiting = await WaitingAsync(os, app, text);
        using var answered = await os.Http.PostAsJsonAsync($"api/approvals/{waiting.Approval()}", new { decision });
        Assert.True(answered.IsSuccessStatusCode, await answered.Content.ReadAsStringAsync());
        return await EndAsync(os, waiting.RunId(), status);
    }

    static async Task<string> CancelledAsync(LocalOs os, string app, string text)
    {
        var waiting = await WaitingAsync(os, app, text);
        using var cancelled = await os.Http.PostAsync($"api/runs/{waiting.RunId()}/cancel", null);
        Assert.True(cancelled.IsSuccessStatusCode, await cancelled.Content.ReadAsStringAsync());
        return await EndAsync(os, waiting.RunId(), "cancelled");
    }

    static async Task<JsonElement> WaitingAsync(LocalOs os, string app, string text)
    {
        var sent = await os.SendAsync(app, text);
        return await os.RunAsync(sent.RunId(), run => run.Status() == "waiting");
    }

    // The run's row says its end before the orchestration has returned.
    static async Task<string> EndAsync(LocalOs os, string runId, string status)
    {
        var outcome = await os.RunAsync(runId);
        Assert.True(outcome.Status() == status, outcome.GetRawText());
        await os.Host.DurableClient.WaitForInstanceCompletionAsync(runId, getInputsAndOutputs: false, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        return runId;
    }
}
