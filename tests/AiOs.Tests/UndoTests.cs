using System.Collections.Concurrent;
using System.Data;
using System.Text;
using AiOs.Agents.Actions;
using AiOs.DataPlane;
using AiOs.Sandbox.Control;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests;

/// <summary>What happens to what was done when a later step breaks, when nobody knows whether an action happened, and when an approval no longer fits.</summary>
public sealed class UndoTests(DeployedApps apps)
{
    const string Policy = """
        policy: pay
        input: {amount: int}
        rules:
          - {id: all, when: amount > 0, then: allow, reason: Tests pay.}
        """;

    const string Intents = """
        intents:
          pay: {summary: Pay, examples: [please pay my bill of ten euros, pay this invoice now, transfer the money for the invoice, settle the open bill, the invoice must be paid today]}
          other: {summary: Something else, examples: [what is the weather like, tell me about the office, where is the meeting room, when does the canteen open, who is on duty today]}
        outOfScope: [sing me a song, how tall is the tower, bake a cake, paint the house, walk the dog]
        """;

    internal static byte[] App(string payoutIdempotency, string steps, string timeout = "30s") => Zip(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["app.yaml"] = """
            name: two-steps
            version: 1.0.0
            summary: Pays and notifies.
            owner: tests
            mask: [iban]
            steps:
              - id: decision
                decide: {policy: policy.yaml, with: {amount: '100'}}

            """ + steps,
        ["policy.yaml"] = Policy,
        ["intents.yaml"] = Intents,
        ["connectors.yaml"] = """
            payments.payout:
              request: {method: POST, url: '${SANDBOX_URL}/payouts', body: {claim: run.id, minor: arguments.minor, currency: '"EUR"', iban: '"DE89370400440532013000"'}}
              effect: writes
              idempotency: IDEMPOTENCY
              timeout: TIMEOUT
              retry: {attempts: 2, backoff: 10ms}
            payments.cancel:
              request: {method: POST, url: '${SANDBOX_URL}/payouts/${result.id}/cancel'}
              effect: writes
              idempotency: natural
              timeout: TIMEOUT
              retry: {attempts: 2, backoff: 10ms}
            desk.notify:
              request: {method: POST, url: '${SANDBOX_URL}/notifications', body: {to: '"desk"', text: '"paid"'}}
              effect: writes
              idempotency: key
              timeout: TIMEOUT
              retry: {attempts: 2, backoff: 10ms}
            """.Replace("IDEMPOTENCY", payoutIdempotency, StringComparison.Ordinal).Replace("TIMEOUT", timeout, StringComparison.Ordinal),
    });

    const string PayThenNotify = """
  - id: payout
    act: {call: payments.payout, with: {minor: '100'}, undo: payments.cancel}
  - id: notify
    act: {call: desk.notify, with: {}}
""";

    [Fact]
    public async Task When_a_later_step_fails_the_completed_action_is_undone_and_the_run_says_so()
    {
        await using var os = await apps.StartAsync();
        Assert.Equal("completed", (await os.DeployAsync("two-steps", App("key", PayThenNotify))).Status());
        os.Sandbox.Behave("/notifications", BehaviourMode.Fail);
        var outcome = await os.SendAsync("two-steps", "Please pay.");
        Assert.Equal("failed", outcome.Status());
        Assert.Equal("undone", outcome.GetProperty("actions")[0].GetProperty("status").GetString());
        Assert.Single(os.Sandbox.Effects("/payouts"));
        Assert.Single(os.Sandbox.Effects("/payouts/{id}/cancel"));
    }

    [Fact]
    public async Task When_the_undo_fails_too_the_run_ends_undoFailed()
    {
        await using var os = await apps.StartAsync();
        await os.DeployAsync("two-steps", App("key", PayThenNotify));
        os.Sandbox.Behave("/notifications", BehaviourMode.Fail);
        os.Sandbox.Behave("/payouts/", BehaviourMode.Fail);
        var outcome = await os.SendAsync("two-steps", "Please pay.");
        if (os.Sandbox.Effects("/payouts").Count == 0) Assert.Fail("The payout itself must have worked: " + outcome.GetRawText());
        Assert.Equal("undoFailed", outcome.Status());
    }

    [Fact]
    public async Task An_action_of_class_none_whose_fate_is_unknown_waits_for_a_person_and_is_never_sent_again()
    {
        await using var os = await apps.StartAsync();
        await os.DeployAsync("two-steps", App("none", PayThenNotify));
        os.Sandbox.Behave("/payouts", BehaviourMode.FailAfterEffect);
        var waiting = await os.SendAsync("two-steps", "Please pay.");
        Assert.Equal("waiting", waiting.Status());
        Assert.Single(os.Sandbox.Requests("/payouts"));
        using var answered = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(os.Http, $"api/approvals/{waiting.Approval()}", new { decision = "approve", comment = "I see it in the ledger." });
        Assert.True(answered.IsSuccessStatusCode);
        var outcome = await os.RunAsync(waiting.RunId());
        Assert.Equal("completed", outcome.Status());
        Assert.Single(os.Sandbox.Requests("/payouts"));
    }

    [Fact]
    public async Task A_connector_that_hangs_is_given_up_after_its_timeout_and_retries()
    {
        await using var os = await apps.StartAsync();
        await os.DeployAsync("two-steps", App("key", PayThenNotify, timeout: "1s"));
        os.Sandbox.Behave("/payouts", BehaviourMode.Hang);
        var outcome = await os.SendAsync("two-steps", "Please pay.");
        Assert.Equal("failed", outcome.Status());
        Assert.Equal(2, os.Sandbox.Requests("/payouts").Count(request => request.Path == "/payouts"));
    }

    const string Pay = """
  - id: payout
    act: {call: payments.payout, with: {minor: '100'}, undo: payments.cancel}
""";

    [Fact]
    public async Task Silence_about_an_unknown_action_is_no_finding_and_it_stays_unknown()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        await os.DeployAsync("two-steps", App("none", Pay));
        os.Sandbox.Behave("/payouts", BehaviourMode.FailAfterEffect);
        var waiting = await os.SendAsync("two-steps", "Please pay.", wait: 0);
        waiting = await os.AsleepAsync(waiting.RunId());
        clock.Advance(TimeSpan.FromDays(7)); // to the deadline and not beyond, so that no time limit of what happens then passes as well
        var outcome = await os.RunAsync(waiting.RunId());
        Assert.Equal("failed", outcome.Status());
        Assert.Contains("not known whether 'payments.payout' took effect", outcome.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("unknown", outcome.GetProperty("actions")[0].GetProperty("status").GetString());
        var ledger = await os.Services.GetRequiredService<ActionLedger>().OfRunAsync(waiting.RunId(), CancellationToken.None);
        Assert.Equal(ActionState.Unknown, Assert.Single(ledger, row => row.UndoOf is null).State);
    }

    [Fact]
    public async Task A_run_cancelled_while_an_action_is_unknown_tries_the_undo_and_says_that_it_may_have_happened()
    {
        await using var os = await apps.StartAsync();
        await os.DeployAsync("two-steps", App("none", Pay));
        os.Sandbox.Behave("/payouts", BehaviourMode.FailAfterEffect);
        var waiting = await os.SendAsync("two-steps", "Please pay.");
        using var cancelled = await os.Http.PostAsync($"api/runs/{waiting.RunId()}/cancel", null);
        var outcome = await os.RunAsync(waiting.RunId());
        Assert.Equal("cancelled", outcome.Status());
        Assert.Equal("unknown", outcome.GetProperty("actions")[0].GetProperty("status").GetString());
        Assert.Contains("may have happened", outcome.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains(await os.Services.GetRequiredService<ActionLedger>().OfRunAsync(waiting.RunId(), CancellationToken.None), row => row.UndoOf is not null);
    }

    [Fact]
    public async Task An_action_whose_activity_breaks_after_the_effect_is_taken_back()
    {
        await using var os = await apps.StartAsync();
        await os.DeployAsync("two-steps", App("key", Pay));
        foreach (var change in new[] { "INSERT", "UPDATE" })
            await os.Services.GetRequiredService<Database>().WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync(
                $"CREATE TRIGGER no_line_{change} BEFORE {change} ON run_events WHEN NEW.step = 'payout' AND NEW.outcome = 'done' BEGIN SELECT RAISE(ABORT, 'The timeline is broken.'); END", transaction: transaction), CancellationToken.None);
        var outcome = await os.SendAsync("two-steps", "Please pay.");
        Assert.Equal("failed", outcome.Status());
        Assert.Equal("undone", outcome.GetProperty("actions")[0].GetProperty("status").GetString());
        Assert.Single(os.Sandbox.Effects("/payouts"));
        Assert.Single(os.Sandbox.Effects("/payouts/{id}/cancel"));
    }

    /// <summary>Answers that are near or over what a step may keep are cut to fit; one that no string can hold is no proof, and is tried again no more often than the connector says.</summary>
    [Theory]
    [InlineData("x", 8150, "completed", 1)]
    [InlineData("\u00e4", 3500, "completed", 1)]
    [InlineData("\\u0001", 1300, "completed", 1)]
    [InlineData("\\ud800", 1, "failed", 2)]
    public async Task An_answer_that_is_large_or_no_text_does_not_break_the_record(string character, int times, string status, int sent)
    {
        await using var payments = new Answering($$"""{"id": "p1", "note": "{{string.Concat(Enumerable.Repeat(character, times))}}"}""");
        await using var os = await apps.StartAsync(settings: payments.Settings);
        await os.DeployAsync("two-steps", App("key", Pay));
        var outcome = await os.SendAsync("two-steps", "Please pay.");
        Assert.Equal(status, outcome.Status());
        Assert.Equal(sent, payments.Paths.Count(path => path == "/payouts"));
        if (status == "failed") Assert.Contains("may have happened", outcome.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A host that answers every request with the same JSON.</summary>
    sealed class Answering : IAsyncDisposable
    {
        readonly WebApplication app = Quiet();

        static WebApplication Quiet()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            return builder.Build();
        }

        public Answering(string json)
        {
            app.Urls.Add("http://127.0.0.1:0");
            app.Run(async context =>
            {
                Paths.Enqueue(context.Request.Path);
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(json);
            });
            ((IHost)app).Start();
        }

        public ConcurrentQueue<string> Paths { get; } = [];

        public Dictionary<string, string?> Settings => new(StringComparer.Ordinal) { ["SANDBOX_URL"] = app.Urls.First(), ["AIOS_ALLOWED_HOSTS"] = new Uri(app.Urls.First()).Authority };

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }

    internal static byte[] Zip(IReadOnlyDictionary<string, string> files)
    {
        using var buffer = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(buffer, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (path, content) in files)
            {
                using var entry = zip.CreateEntry(path).Open();
                entry.Write(Encoding.UTF8.GetBytes(content));
            }

        return buffer.ToArray();
    }
}
