using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.Sandbox.Control;
using AiOs.Security;

namespace AiOs.Tests;

/// <summary>The insurer's first notice of loss, from the message to the money.</summary>
public sealed class ClaimsTests(DeployedApps apps)
{
    [Fact]
    public async Task A_small_clear_claim_is_paid_once_and_every_field_of_the_outcome_is_there()
    {
        await using var os = await apps.StartAsync();
        var outcome = await os.SendAsync(Claims.App, Claims.Report(240), new { claimNumber = "C-1" });

        Assert.Equal("completed", outcome.Status());
        Assert.Equal("report-damage", outcome.GetProperty("intent").GetProperty("name").GetString());
        Assert.True(outcome.GetProperty("intent").GetProperty("confidence").GetDouble() > 0.5);
        Assert.Equal("allow", outcome.GetProperty("decision").GetProperty("outcome").GetString());
        Assert.Equal("small-and-clear", outcome.GetProperty("decision").GetProperty("rule").GetString());
        Assert.Equal("done", outcome.GetProperty("actions")[0].GetProperty("status").GetString());
        Assert.Contains("240.00 EUR", outcome.GetProperty("answer").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(outcome.GetProperty("conversationId").GetString()!);
        Assert.Equal($"/api/runs/{outcome.RunId()}", outcome.GetProperty("links").GetProperty("self").GetString());
        var payout = Assert.Single(os.Sandbox.Effects("/payouts"));
        Assert.Equal("C-1", payout.Subject);
        Assert.Contains(Claims.Iban, os.Sandbox.Requests("/payouts")[0].Body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_claim_waits_for_the_adjuster_and_is_paid_once_after_the_approval()
    {
        await using var os = await apps.StartAsync();
        using var adjuster = await os.ClientOfAsync(Role.Adjuster);
        using var first = await os.PostAsync(Claims.App, new { text = Claims.Report(1900), attributes = new { claimNumber = "C-2" } });
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.NotNull(first.Headers.Location);
        var waiting = await first.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("waiting", waiting.Status());
        Assert.Equal("approve", waiting.GetProperty("decision").GetProperty("outcome").GetString());
        Assert.Empty(os.Sandbox.Effects("/payouts"));

        using var answered = await adjuster.PostAsJsonAsync($"api/approvals/{waiting.Approval()}", new { decision = "approve", comment = "Invoice seen." });
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        var outcome = await os.RunAsync(waiting.RunId());
        Assert.Equal("completed", outcome.Status());
        Assert.Equal("C-2", Assert.Single(os.Sandbox.Effects("/payouts")).Subject);
    }

    [Fact]
    public async Task A_rejected_claim_is_never_paid()
    {
        await using var os = await apps.StartAsync();
        var waiting = await os.SendAsync(Claims.App, Claims.Report(1900));
        using var answered = await os.Http.PostAsJsonAsync($"api/approvals/{waiting.Approval()}", new { decision = "reject" });
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        var outcome = await os.RunAsync(waiting.RunId());
        Assert.Equal("rejected", outcome.Status());
        Assert.Empty(os.Sandbox.Requests("/payouts"));
    }

    [Fact]
    public async Task A_silent_claim_follows_its_onTimeout_when_four_hours_pass()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var waiting = await os.SendAsync(Claims.App, Claims.Report(1900), wait: 0);
        waiting = await os.AsleepAsync(waiting.RunId());

        clock.Advance(TimeSpan.FromHours(3.9));
        Assert.Equal("waiting", (await os.RunAsync(waiting.RunId(), _ => true)).Status());
        clock.Advance(TimeSpan.FromHours(0.2));
        var outcome = await os.RunAsync(waiting.RunId());

        Assert.Equal("rejected", outcome.Status());
        Assert.Empty(os.Sandbox.Requests("/payouts"));
        using var late = await os.Http.PostAsJsonAsync($"api/approvals/{waiting.Approval()}", new { decision = "approve" });
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
    }

    [Fact]
    public async Task An_approval_answers_once_and_only_to_its_role()
    {
        await using var os = await apps.StartAsync();
        using var adjuster = await os.ClientOfAsync(Role.Adjuster);
        using var operations = await os.ClientOfAsync(Role.Operator);
        using var customer = await os.ClientOfAsync(Role.Client);
        var id = (await os.SendAsync(Claims.App, Claims.Report(1900))).Approval();

        Assert.Equal(HttpStatusCode.Forbidden, await AnswerAsync(customer, id));
        Assert.Equal(HttpStatusCode.Forbidden, await AnswerAsync(operations, id));
        Assert.Equal(HttpStatusCode.NotFound, await AnswerAsync(adjuster, "no-such-approval"));
        Assert.Equal(HttpStatusCode.OK, await AnswerAsync(adjuster, id));
        Assert.Equal(HttpStatusCode.Conflict, await AnswerAsync(adjuster, id));

        static async Task<HttpStatusCode> AnswerAsync(HttpClient client, string id)
        {
            using var response = await client.PostAsJsonAsync($"api/approvals/{id}", new { decision = "approve" });
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_cancelled_claim_ends_cancelled_and_its_approval_is_void()
    {
        await using var os = await apps.StartAsync();
        var waiting = await os.SendAsync(Claims.App, Claims.Report(1900));
        using var cancelled = await os.Http.PostAsync($"api/runs/{waiting.RunId()}/cancel", null);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal("cancelled", (await os.RunAsync(waiting.RunId())).Status());
        using var answered = await os.Http.PostAsJsonAsync($"api/approvals/{waiting.Approval()}", new { decision = "approve" });
        Assert.Equal(HttpStatusCode.Conflict, answered.StatusCode);
        Assert.Empty(os.Sandbox.Requests("/payouts"));
    }

    [Fact]
    public async Task A_report_without_its_policy_number_asks_for_it_and_the_answer_completes_the_claim()
    {
        await using var os = await apps.StartAsync();
        var asking = await os.SendAsync(Claims.App, $"A storm on 3 March 2026 broke a window in my kitchen. The damage is 180.00 EUR, please pay to {Claims.Iban}.");
        Assert.Equal("completed", asking.Status());
        Assert.Equal("policyNumber", asking.GetProperty("asks").GetProperty("field").GetString());
        Assert.Empty(os.Sandbox.Requests("/payouts"));

        var answered = await os.SendAsync(Claims.App, "It is PC-204518.", conversationId: asking.GetProperty("conversationId").GetString());
        Assert.Equal("completed", answered.Status());
        Assert.Equal("done", answered.GetProperty("actions")[0].GetProperty("status").GetString());
        Assert.Single(os.Sandbox.Effects("/payouts"));
    }

    [Fact]
    public async Task A_payment_system_that_is_down_fails_the_claim_with_its_reason()
    {
        await using var os = await apps.StartAsync();
        os.Sandbox.Behave("/payouts", BehaviourMode.Fail);
        var outcome = await os.SendAsync(Claims.App, Claims.Report(240));
        Assert.Equal("failed", outcome.Status());
        Assert.Contains("payout", outcome.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Claims.Iban, outcome.GetRawText(), StringComparison.Ordinal);
    }
}
