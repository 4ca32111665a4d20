using AiOs.Agents.Actions;
using AiOs.DataPlane;
using AiOs.Sandbox.Control;
using Effect = AiOs.Agents.Actions.Effect;

namespace AiOs.Tests.Actions;

/// <summary>What actions promise, against a real outside world and in the same words on every database.</summary>
public abstract class ActionsContract
{
    static readonly CancellationToken None = CancellationToken.None;

    protected abstract Task<TestDatabase> OpenAsync(MigrationSet[] migrations);

    Task<Workshop> WorkshopAsync(params (string, string)[] settings) => Workshop.OpenAsync(OpenAsync, settings);

    [Fact]
    public async Task An_action_happens_once_with_its_originals_and_leaves_no_trace_of_them()
    {
        await using var shop = await WorkshopAsync();
        var request = await shop.ClaimAsync(Workshop.Payout(Idempotency.Key));
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => shop.RunAsync(request))));
        shop.Restart();
        var again = await shop.RunAsync(request);

        Assert.All(results, result => Assert.Equal((ActionOutcome.Done, request.Key), (result.Outcome, result.Key)));
        Assert.Equal("po_1", again.Result!.Value.GetProperty("id").GetString());
        Assert.StartsWith("[iban:", again.Result.Value.GetProperty("iban").GetString(), StringComparison.Ordinal);
        var sent = Assert.Single(shop.World.Requests());
        Assert.Equal(("DE89370400440532013000", 24000), (sent.Body!.Value.GetProperty("iban").GetString(), sent.Body.Value.GetProperty("minor").GetInt32()));
        Assert.Equal(("Bearer pay-secret", request.Key), (sent.Headers["authorization"], sent.Key));

        var row = Assert.Single(await shop.Ledger.OfRunAsync(request.RunId, None));
        Assert.Equal((ActionState.Done, 1), (row.State, row.Attempts));
        var leaves = await shop.Audit.ReadAsync(0, 10, None);
        Assert.Equal([("action.intended", request.Digest), ("action.done", request.Digest)], leaves.Select(leaf => (leaf.Entry.Type, leaf.Entry.ArgumentsDigest!)));
        Assert.DoesNotContain("DE893704", string.Concat(leaves.Select(leaf => System.Text.Encoding.UTF8.GetString(leaf.Leaf))) + row, StringComparison.Ordinal);
    }

    [Theory] // what the world did when the process died in the middle of the request
    [InlineData(Idempotency.Key, BehaviourMode.HangAfterEffect, ActionOutcome.Done, 2, 1)]
    [InlineData(Idempotency.Natural, BehaviourMode.Hang, ActionOutcome.Done, 2, 1)]
    [InlineData(Idempotency.Probe, BehaviourMode.HangAfterEffect, ActionOutcome.Done, 1, 1)]
    [InlineData(Idempotency.Probe, BehaviourMode.Hang, ActionOutcome.Done, 2, 1)]
    [InlineData(Idempotency.None, BehaviourMode.HangAfterEffect, ActionOutcome.Unknown, 1, 1)]
    [InlineData(Idempotency.None, BehaviourMode.Hang, ActionOutcome.Unknown, 1, 0)]
    public async Task After_a_crash_in_the_middle_of_a_request_nothing_is_done_twice(Idempotency idempotency, BehaviourMode mode, ActionOutcome outcome, int posts, int payouts)
    {
        await using var shop = await WorkshopAsync();
        shop.World.Behave("/payouts", mode, times: 1);
        var connector = Workshop.Payout(idempotency);
        var request = await shop.ClaimAsync(connector);
        using var crash = new CancellationTokenSource();
        var dying = shop.Runner.RunAsync(request, crash.Token);
        while (shop.World.Requests().Count == 0)
            await Task.Yield();
        await crash.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dying);
        Assert.Equal(ActionState.Sent, (await shop.Ledger.GetAsync(request.Key, None))!.State);

        shop.Restart();
        var result = await shop.RunAsync(request);
        Assert.Equal((outcome, posts, payouts), (result.Outcome, shop.Posts, shop.World.Effects("/payouts").Count));
        Assert.Equal(outcome == ActionOutcome.Done, result.Result?.TryGetProperty("id", out _) == true);
    }

    [Fact]
    public async Task A_person_settles_what_nobody_knows()
    {
        await using var shop = await WorkshopAsync();
        shop.World.Behave("/payouts", BehaviourMode.DropAfterEffect);
        var (first, second) = (await shop.ClaimAsync(Workshop.Payout(Idempotency.None)), await shop.ClaimAsync(Workshop.Payout(Idempotency.None), "C-2"));
        Assert.Equal(ActionOutcome.Unknown, (await shop.RunAsync(first)).Outcome);
        Assert.Equal(ActionOutcome.Unknown, (await shop.RunAsync(second)).Outcome);

        Assert.Equal(ActionOutcome.Done, (await shop.Runner.ResolveUnknownAsync(first.Key, ActionVerdict.Happened, "key:adjuster", "Seen; told maria.huber@example.org.", None))!.Outcome);
        Assert.Equal(ActionOutcome.Done, (await shop.Runner.ResolveUnknownAsync(first.Key, ActionVerdict.DidNotHappen, "key:other", null, None))!.Outcome);
        Assert.Equal(ActionOutcome.Failed, (await shop.Runner.ResolveUnknownAsync(second.Key, ActionVerdict.DidNotHappen, "key:adjuster", null, None))!.Outcome);
        Assert.Null(await shop.Runner.ResolveUnknownAsync("nothing", ActionVerdict.Happened, "key:adjuster", null, None));
        Assert.Equal((ActionOutcome.Done, ActionOutcome.Failed), ((await shop.RunAsync(first)).Outcome, (await shop.RunAsync(second)).Outcome));
        Assert.Equal(2, shop.Posts);
        Assert.Equal(["action.resolved.happened", "action.resolved.didNotHappen"],
            (await shop.Audit.ReadAsync(0, 20, None)).Where(leaf => leaf.Entry.Principal == "key:adjuster").Select(leaf => leaf.Entry.Type));
    }

    [Fact]
    public async Task An_undo_is_an_action_of_its_own_with_its_own_retries()
    {
        await using var shop = await WorkshopAsync();
        var cancel = Workshop.Simple("POST", "/payouts/${result.id}/cancel") with { Name = "payments.cancel" };
        var request = await shop.ClaimAsync(Workshop.Payout(Idempotency.Key));
        var nothing = await shop.Runner.UndoAsync(request, cancel, None);
        Assert.Equal((ActionOutcome.Undone, 0), (nothing.Outcome, shop.World.Requests().Count));

        await shop.RunAsync(request);
        shop.World.Behave("/payouts/po_1/cancel", BehaviourMode.Fail, times: 1);
        var undone = await shop.Runner.UndoAsync(request, cancel, None);
        Assert.Equal((ActionOutcome.Undone, request.Key + ".undo"), (undone.Outcome, undone.Key));
        Assert.Equal(ActionOutcome.Undone, (await shop.Runner.UndoAsync(request, cancel, None)).Outcome);
        Assert.Single(shop.World.Effects("/payouts/{id}/cancel"));
        Assert.Equal([null, request.Key], (await shop.Ledger.OfRunAsync(request.RunId, None)).OrderBy(row => row.Key.Length).Select(row => row.UndoOf));
        Assert.Equal(["action.intended", "action.done", "action.undo.intended", "action.undo.done"], (await shop.Audit.ReadAsync(0, 20, None)).Select(leaf => leaf.Entry.Type));

        var other = await shop.ClaimAsync(Workshop.Payout(Idempotency.Key), "C-2");
        await shop.RunAsync(other);
        shop.World.Behave("/payouts/po_2/cancel", BehaviourMode.Fail);
        var failed = await shop.Runner.UndoAsync(other, cancel, None);
        Assert.Equal((ActionOutcome.Failed, "The host answered 503. Given up after 2 attempts."), (failed.Outcome, failed.Reason));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task A_zero_character_in_an_answer_is_replaced_and_the_end_is_kept(int status)
    {
        await using var parrot = await Parrot.StartAsync(status, """{"error": "no \u0000 host", "na\u0000me": "a\u0000@example.com"}""");
        await using var shop = await WorkshopAsync(parrot.Settings);
        var request = await shop.ClaimAsync(Workshop.Payout(Idempotency.Key));
        var result = await shop.RunAsync(request);
        Assert.Equal(status == 200 ? (ActionOutcome.Done, null) : (ActionOutcome.Failed, "The host answered 400: no \uFFFD host"), (result.Outcome, result.Reason));
        Assert.Equal(status == 200 ? ["error", "na\uFFFDme"] : null, result.Result?.EnumerateObject().Select(member => member.Name));
        Assert.Equal(status == 200 ? ActionState.Done : ActionState.Failed, (await shop.Ledger.GetAsync(request.Key, None))!.State);
    }
}

public sealed class SqliteActionsTests : ActionsContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresActionsTests(PostgresServer server) : ActionsContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);
}
