using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.Sandbox;
using AiOs.Sandbox.Control;

namespace AiOs.Tests;

/// <summary>The OS as a process of its own, killed without warning in the middle of its work.</summary>
public sealed class CrashTests(DeployedApps apps)
{
    const int ClaimsInFlight = 200;

    [Fact]
    public async Task Two_hundred_claims_survive_three_kills_and_each_is_paid_exactly_once()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        sandbox.Behave("/payouts", BehaviourMode.Slow, delay: TimeSpan.FromMilliseconds(40));
        using var os = await KillThriceAsync(apps.Copy(), sandbox);
        await SettledAsync(os.Http);
        Assert.All(PerClaim(sandbox), claim => Assert.Equal(1, claim.Value));
        Assert.Equal(ClaimsInFlight, PerClaim(sandbox).Count);
        Assert.Equal(ClaimsInFlight, await CountAsync(os.Http, "completed"));
    }

    [Fact]
    public async Task Where_sending_twice_is_never_safe_no_claim_is_paid_twice_and_the_doubtful_ones_wait_for_a_person()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        sandbox.Behave("/payouts", BehaviourMode.IgnoreKeys, delay: TimeSpan.FromMilliseconds(40));
        var data = apps.Copy();
        await DeployUnsafePayoutsAsync(data, sandbox);
        using var os = await KillThriceAsync(data, sandbox);
        await SettledAsync(os.Http);
        Assert.All(PerClaim(sandbox), claim => Assert.Equal(1, claim.Value));
        var waiting = await CountAsync(os.Http, "waiting");
        Assert.True(waiting > 0, "Three kills in the middle of payments left no doubt: the drill proved nothing.");
        Assert.Equal(ClaimsInFlight, waiting + await CountAsync(os.Http, "completed"));
        var approvals = (await os.Http.GetFromJsonAsync<JsonElement>("api/approvals?app=claims-intake")).GetProperty("approvals");
        Assert.Equal(waiting, approvals.EnumerateArray().Count(approval => approval.GetProperty("step").GetString() == "payout/unknown"));
    }

    static async Task<OsProcess> KillThriceAsync(string data, SandboxServer sandbox)
    {
        for (var life = 0; life < 3; life++)
        {
            using var os = await OsProcess.StartAsync(data, sandbox.Url);
            var seen = sandbox.Effects("/payouts").Count;
            if (life == 0) Assert.Equal(ClaimsInFlight, await EnqueueAsync(os.Http));
            await ArrivalsTests.UntilAsync(async () => sandbox.Effects("/payouts").Count >= seen + 30 || await IsSettledAsync(os.Http));

            // In the middle of a payment at least: this one is made, and nobody is told before the end. A fast machine may have made all of them in an earlier life.
            var hanging = Hanging(sandbox);
            sandbox.Behave("/payouts", BehaviourMode.HangAfterEffect, times: 1);
            await ArrivalsTests.UntilAsync(async () => Hanging(sandbox) > hanging || await IsSettledAsync(os.Http));
            os.Kill();
        }

        Assert.True(Hanging(sandbox) > 0, "No kill came in the middle of a payment: the drill proved nothing.");

        return await OsProcess.StartAsync(data, sandbox.Url);
    }

    static int Hanging(SandboxServer sandbox) => sandbox.Requests("/payouts").Count(request => request.Mode == BehaviourMode.HangAfterEffect);

    static Task SettledAsync(HttpClient http) => ArrivalsTests.UntilAsync(() => IsSettledAsync(http));

    /// <summary>Whether all are admitted and none runs, asked in this order: messages that a killed process held come back when their lease ends.</summary>
    static async Task<bool> IsSettledAsync(HttpClient http) => await CountAsync(http, null) >= ClaimsInFlight && await CountAsync(http, "running") == 0;

    static Dictionary<string, int> PerClaim(SandboxServer sandbox) =>
        sandbox.Effects("/payouts").CountBy(effect => effect.Subject, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

    /// <summary>The sample app, with a payment system that has no idempotency of any kind.</summary>
    static async Task DeployUnsafePayoutsAsync(string data, SandboxServer sandbox)
    {
        var files = DeployTests.Files("claims-intake");
        files["app.yaml"] = files["app.yaml"].Replace("version: 1.0.0", "version: 1.0.1", StringComparison.Ordinal);
        files["connectors.yaml"] = files["connectors.yaml"].Replace("idempotency: key", "idempotency: none", StringComparison.Ordinal);
        await using var os = await LocalOs.StartAsync(data, sandbox: sandbox);
        var outcome = await os.DeployAsync("claims-intake", UndoTests.Zip(files));
        Assert.True(outcome.Status() == "completed", outcome.GetRawText());
        await os.Host.StopAsync();
    }

    static async Task<int> EnqueueAsync(HttpClient http)
    {
        var accepted = 0;
        await Parallel.ForEachAsync(Enumerable.Range(1, ClaimsInFlight), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, cancellationToken) =>
        {
            var claim = string.Create(CultureInfo.InvariantCulture, $"K-{number}");
            var text = Claims.Report(100 + number, string.Create(CultureInfo.InvariantCulture, $"PC-{200_000 + number}"));
            using var response = number % 2 == 0
                ? await http.PostAsJsonAsync("api/queues/claims", new { id = claim, text, attributes = new { claimNumber = claim } }, cancellationToken)
                : await MessageAsync(http, claim, text, cancellationToken);
            if (response.IsSuccessStatusCode) Interlocked.Increment(ref accepted);
        });
        return accepted;
    }

    static Task<HttpResponseMessage> MessageAsync(HttpClient http, string claim, string text, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "api/apps/claims-intake/messages") { Content = JsonContent.Create(new { text, attributes = new { claimNumber = claim } }) };
        request.Headers.Add("Prefer", "wait=0");
        request.Headers.Add("Idempotency-Key", claim);
        return http.SendAsync(request, cancellationToken);
    }

    static async Task<int> CountAsync(HttpClient http, string? status)
    {
        var count = 0;
        string? after = null;
        do
        {
            var page = await http.GetFromJsonAsync<JsonElement>($"api/runs?app=claims-intake&top=200{(status is null ? "" : "&status=" + status)}{(after is null ? "" : "&after=" + after)}");
            count += page.GetProperty("runs").EnumerateArray().Count(run => run.GetProperty("channel").GetString() != "deploy");
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);
        return count;
    }
}
