using AiOs.Agents.Actions;
using AiOs.Sandbox.Control;
using Effect = AiOs.Agents.Actions.Effect;

namespace AiOs.Tests.Actions;

/// <summary>How actions meet a world that fails, hangs and talks nonsense.</summary>
public sealed class ActionBehaviourTests
{
    static readonly CancellationToken None = CancellationToken.None;

    static Task<Workshop> WorkshopAsync(params (string, string)[] settings) => Workshop.OpenAsync(TestDatabase.SqliteAsync, settings);

    [Theory] // the behaviours of the world in order; what became of the action, POSTs sent, payouts made, whether a failure may have happened
    [InlineData(Idempotency.Key, "fail fail ok", ActionOutcome.Done, 3, 1, false)]
    [InlineData(Idempotency.Key, "fail fail fail ok", ActionOutcome.Failed, 3, 0, true)]
    [InlineData(Idempotency.Key, "reject ok", ActionOutcome.Failed, 1, 0, false)]
    [InlineData(Idempotency.Key, "redirect ok", ActionOutcome.Failed, 1, 0, false)]
    [InlineData(Idempotency.Key, "failAfterEffect ok", ActionOutcome.Done, 2, 1, false)]
    [InlineData(Idempotency.Key, "dropAfterEffect garbage ok", ActionOutcome.Done, 3, 1, false)]
    [InlineData(Idempotency.Key, "hangAfterEffect huge ok", ActionOutcome.Done, 3, 1, false)]
    [InlineData(Idempotency.Key, "failAfterEffect reject", ActionOutcome.Failed, 2, 1, true)]
    [InlineData(Idempotency.Natural, "drop ok", ActionOutcome.Done, 2, 1, false)]
    [InlineData(Idempotency.None, "ignoreKeys ok", ActionOutcome.Done, 1, 1, false)]
    [InlineData(Idempotency.None, "fail ok", ActionOutcome.Unknown, 1, 0, false)]
    [InlineData(Idempotency.None, "hangAfterEffect ok", ActionOutcome.Unknown, 1, 1, false)]
    [InlineData(Idempotency.None, "garbage ok", ActionOutcome.Unknown, 1, 1, false)]
    [InlineData(Idempotency.None, "reject ok", ActionOutcome.Failed, 1, 0, false)]
    [InlineData(Idempotency.Probe, "dropAfterEffect ok", ActionOutcome.Done, 1, 1, false)]
    [InlineData(Idempotency.Probe, "garbage ok", ActionOutcome.Done, 1, 1, false)]
    [InlineData(Idempotency.Probe, "drop ok ignoreKeys ok", ActionOutcome.Done, 2, 1, false)]
    [InlineData(Idempotency.Probe, "drop ok drop ok drop ok", ActionOutcome.Failed, 3, 0, false)]
    [InlineData(Idempotency.Probe, "dropAfterEffect fail fail fail", ActionOutcome.Unknown, 1, 1, false)]
    public async Task What_the_world_does_decides_whether_it_is_asked_again(Idempotency idempotency, string behaviours, ActionOutcome outcome, int posts, int payouts, bool mayHaveHappened)
    {
        await using var shop = await WorkshopAsync();
        foreach (var mode in behaviours.Split(' '))
            shop.World.Behave("/payouts", Enum.Parse<BehaviourMode>(mode, ignoreCase: true), times: 1);
        var result = await shop.RunAsync(await shop.ClaimAsync(Workshop.Payout(idempotency)), hangs: behaviours.Split("hang").Length - 1);
        Assert.Equal((outcome, posts, payouts, mayHaveHappened), (result.Outcome, shop.Posts, shop.World.Effects("/payouts").Count, result.MayHaveHappened));
        Assert.Equal(outcome == ActionOutcome.Done, result.Reason is null);
    }

    [Fact]
    public async Task A_request_without_a_body_is_not_repeated_by_the_transport()
    {
        await using var shop = await WorkshopAsync();
        var restart = Workshop.Simple("POST", "/services/${arguments.name}/restart", idempotency: Idempotency.None);
        Assert.Equal(ActionOutcome.Done, (await shop.RunAsync(Workshop.With(restart, new { name = "api", n = 1 }))).Outcome);
        shop.World.Behave("/services", BehaviourMode.DropAfterEffect, times: 1);
        Assert.Equal(ActionOutcome.Unknown, (await shop.RunAsync(Workshop.With(restart, new { name = "api", n = 2 }))).Outcome);
        Assert.Equal(2, shop.World.Effects().Count);
    }

    [Fact]
    public async Task What_was_surely_not_sent_is_tried_again_even_where_nothing_makes_it_safe()
    {
        await using var shop = await WorkshopAsync((AllowedHosts.Key, "127.0.0.1:1"), ("SANDBOX_URL", "http://127.0.0.1:1"));
        var request = await shop.ClaimAsync(Workshop.Payout(Idempotency.None));
        var result = await shop.RunAsync(request);
        Assert.Equal((ActionOutcome.Failed, false, "No connection to the host. Given up after 3 attempts."), (result.Outcome, result.MayHaveHappened, result.Reason));
        Assert.Equal(3, (await shop.Ledger.GetAsync(request.Key, None))!.Attempts);
    }

    [Fact]
    public async Task Reads_are_repeated_and_garbage_fails_them()
    {
        await using var shop = await WorkshopAsync();
        shop.World.Behave("/services", BehaviourMode.Garbage);
        var read = Workshop.Simple("GET", "/services/api/health", Effect.Reads, Idempotency.None);
        var result = await shop.RunAsync(Workshop.With(read, new { n = 1 }));
        Assert.Equal((ActionOutcome.Failed, "The answer 200 made no sense: it is not JSON. Given up after 2 attempts.", false), (result.Outcome, result.Reason, result.MayHaveHappened));
        Assert.Equal(2, shop.World.Requests().Count);
        Assert.All(shop.World.Requests(), sent => Assert.Null(sent.Key));
    }

    [Fact]
    public async Task The_pause_before_another_attempt_passes_on_the_clock()
    {
        await using var shop = await WorkshopAsync();
        shop.World.Behave("/services", BehaviourMode.Garbage);
        var read = Workshop.Simple("GET", "/services/api/health", Effect.Reads, Idempotency.None) with { Retry = new(2, TimeSpan.FromSeconds(20)) };
        var began = shop.Clock.GetUtcNow();
        var running = shop.RunAsync(Workshop.With(read, new { n = 1 }));
        while (!running.IsCompleted)
        {
            if (shop.World.Requests().Count == 1) shop.Clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, None));
        }

        Assert.Equal(ActionOutcome.Failed, (await running).Outcome);
        Assert.Equal(2, shop.World.Requests().Count);
        Assert.True(shop.Clock.GetUtcNow() - began >= TimeSpan.FromSeconds(10), "Half of the pause is not left to chance.");
    }

    [Fact]
    public async Task An_action_that_may_have_happened_is_undone_too_and_a_host_that_knows_nothing_of_it_is_content()
    {
        await using var shop = await WorkshopAsync();
        shop.World.Behave("/payouts", BehaviourMode.Fail, times: 3);
        var request = await shop.ClaimAsync(Workshop.Payout(Idempotency.Key));
        Assert.True((await shop.RunAsync(request)).MayHaveHappened);
        var undone = await shop.Runner.UndoAsync(request, Workshop.Simple("POST", "/payouts/${arguments.claim}/cancel"), None);
        Assert.Equal((ActionOutcome.Undone, "There was nothing to undo."), (undone.Outcome, undone.Reason));
    }

    [Fact]
    public async Task Nothing_leaves_the_house_for_what_may_not_or_cannot_be_sent()
    {
        await using var shop = await WorkshopAsync(("ELSEWHERE_URL", "http://localhost:9"), (ConnectorSettings.AllowedKey, "SANDBOX_URL,ELSEWHERE_URL"));
        var ok = Workshop.Simple("POST", "/tickets", body: """{"title": "arguments.title"}""");
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        var cases = new (Connector Connector, object Arguments, string Reason)[]
        {
            (ok with { Request = ok.Request with { Url = "${ELSEWHERE_URL}/tickets" } }, new { title = "x" }, "The host is not on the operator's list."),
            (ok with { Request = ok.Request with { Url = "${NOT_SET}/tickets" } }, new { title = "x" }, "The setting NOT_SET is missing."),
            (ok with { Request = ok.Request with { Headers = new Dictionary<string, string>(headers, StringComparer.Ordinal) { ["x-key"] = "secret:their-key" } } }, new { title = "x" }, "The secret 'their-key' is not granted to claims."),
            (Workshop.Simple("POST", "/payouts/${arguments.id}/cancel"), new { id = ".." }, "A value in the URL is '.' or '..'."),
            (Workshop.Simple("POST", "/payouts/${arguments.id}/cancel"), new { id = "" }, "A value in the URL is empty."),
            (ok with { Request = ok.Request with { Body = System.Text.Json.JsonElement.Parse("""{"title": "reveal(arguments.title)"}""") } }, new { title = "[email:aaaaaaaaaaaaaaaaaaaaaaaaaa]" }, "The vault does not hold what is to be revealed."),
        };
        foreach (var (connector, arguments, reason) in cases)
            Assert.Equal((ActionOutcome.Failed, reason), (await shop.RunAsync(Workshop.With(connector, arguments))) is var result ? (result.Outcome, result.Reason) : default);
        Assert.Equal(ActionOutcome.Failed, (await shop.RunAsync(Workshop.With(ok, new { no = "title" }))).Outcome);
        Assert.Empty(shop.World.Requests());

        var odd = await shop.RunAsync(Workshop.With(Workshop.Simple("GET", "/tickets/${arguments.id}", Effect.Reads), new { id = "a/../b?x=ü#" }));
        Assert.Equal("The host answered 404: There is no such ticket.", odd.Reason);
        Assert.StartsWith("/tickets/a", Assert.Single(shop.World.Requests()).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_is_masked_and_small()
    {
        await using var shop = await WorkshopAsync();
        var ticket = Workshop.Simple("POST", "/tickets", body: """{"title": "arguments.title", "severity": "arguments.severity"}""");
        var result = (await shop.RunAsync(Workshop.With(ticket, new { title = new string('x', 20_000), severity = "high" }))).Result!.Value;
        Assert.Equal(("high", false), (result.GetProperty("severity").GetString(), result.TryGetProperty("title", out _)));
        Assert.True(result.GetRawText().Length <= 8192);
        var personal = (await shop.RunAsync(Workshop.With(ticket, new { title = "call maria.huber@example.org", severity = "low" }))).Result!.Value;
        Assert.StartsWith("call [email:", personal.GetProperty("title").GetString(), StringComparison.Ordinal);
    }
}
