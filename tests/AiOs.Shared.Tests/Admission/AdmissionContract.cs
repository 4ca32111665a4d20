using System.Text;
using System.Text.Json;
using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using AiOs.Security;

using Dapper;

namespace AiOs.Tests.ControlPlane;

/// <summary>What the door promises, in the same words on every database.</summary>
public abstract class AdmissionContract
{
    static readonly CancellationToken None = CancellationToken.None;

    protected ManualTimeProvider Clock { get; } = new();

    protected abstract Task<TestDatabase> OpenAsync(MigrationSet[] migrations);

    Task<Door> DoorAsync(params (string, string)[] settings) => Door.OpenAsync(OpenAsync, Clock, settings);

    [Fact]
    public async Task The_same_request_is_one_run_however_often_and_however_fast_it_comes()
    {
        await using var door = await DoorAsync();
        var raced = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Task.Run(() => door.SubmitAsync("A tree fell on my car.", key: "order-7", conversation: "thread"))));
        Assert.Single(raced, admitted => admitted.Outcome == AdmissionOutcome.Created);
        Assert.Single(raced, admitted => admitted.StartNow);
        Assert.Single(raced.Select(admitted => admitted.Run!.RunId).Distinct(StringComparer.Ordinal));
        Assert.Single((await door.Runs.ListAsync(null, null, 50, null, None)).Rows);
        Assert.Matches("^claims-[a-z2-7]{26}$", raced[0].Run!.RunId);

        Assert.Equal(AdmissionOutcome.Existing, (await door.SubmitAsync("A tree fell on my car.", key: "order-7", conversation: "thread")).Outcome);
        Assert.Equal(AdmissionOutcome.Conflict, (await door.SubmitAsync("Another text.", key: "order-7", conversation: "thread")).Outcome);
        Assert.Equal(AdmissionOutcome.Conflict, (await door.SubmitAsync("A tree fell on my car.", key: "order-7", conversation: "thread", attributes: new { amount = 5 })).Outcome);
        Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("A tree fell on my car.", key: "order-7", channel: Channels.Queue)).Outcome);
        Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("A tree fell on my car.")).Outcome);
        Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("A tree fell on my car.")).Outcome);
    }

    [Fact]
    public async Task Attributes_are_compared_by_what_they_say()
    {
        await using var door = await DoorAsync();
        await door.SubmitAsync("text", key: "k", attributes: new { a = 1, b = new { c = "x", d = true } });
        Assert.Equal(AdmissionOutcome.Existing, (await door.SubmitAsync("text", key: "k", attributes: new { b = new { d = true, c = "x" }, a = 1 })).Outcome);
    }

    [Fact]
    public async Task Racing_messages_of_one_conversation_start_in_the_order_of_admission()
    {
        await using var door = await DoorAsync();
        var raced = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => door.SubmitAsync($"message {i}", conversation: "thread"))));
        var waiting = raced.Where(admitted => !admitted.StartNow).Select(admitted => admitted.Run!).OrderBy(run => run.Position).Select(run => run.RunId).ToList();
        Assert.Equal(7, waiting.Count);
        Assert.True(raced.Single(admitted => admitted.StartNow).Run!.Position < raced.Where(admitted => !admitted.StartNow).Min(admitted => admitted.Run!.Position));

        var order = new List<string>();
        for (var run = raced.Single(admitted => admitted.StartNow).Run; run is not null;)
        {
            await door.Runs.MarkStartedAsync(run.RunId, None);
            run = (await door.FinishAsync(run)).Next;
            if (run is not null)
                order.Add(run.RunId);
        }

        Assert.Equal(waiting, order);
    }

    [Fact]
    public async Task Nothing_personal_is_stored_outside_the_vault()
    {
        await using var door = await DoorAsync();
        string[] personal = ["maria.huber@example.org", "DE89370400440532013000", "4111111111111111", "+4915112345678", "15112345678"];
        var admitted = await door.SubmitAsync($"Pay {personal[1]} or call {personal[3]}.", key: $"claim of {personal[0]}", conversation: personal[1],
            attributes: new { contact = new { mail = personal[0], card = personal[2] }, claimsLastYear = 1 });
        Assert.Equal(AdmissionOutcome.Created, admitted.Outcome);
        Assert.Matches("^[A-Za-z0-9._-]{1,64}$", admitted.Run!.ConversationId);
        // The same raw id is the same conversation, and so is the id that the reply named.
        Assert.Equal(admitted.Run.ConversationId, (await door.SubmitAsync("And?", conversation: personal[1])).Run!.ConversationId);
        Assert.Equal(admitted.Run.ConversationId, (await door.SubmitAsync("And?", conversation: admitted.Run.ConversationId)).Run!.ConversationId);
        Assert.Equal(AdmissionOutcome.Existing, (await door.SubmitAsync($"Pay {personal[1]} or call {personal[3]}.", key: $"claim of {personal[0]}", conversation: personal[1],
            attributes: new { contact = new { mail = personal[0], card = personal[2] }, claimsLastYear = 1 })).Outcome);

        var message = Encoding.UTF8.GetString((await door.Blobs.GetAsync(admitted.Run.MessageRef, None))!);
        Assert.Contains("[iban:", message, StringComparison.Ordinal);
        Assert.Contains("\"claimsLastYear\":1", message, StringComparison.Ordinal);
        var stored = message + await door.Database.ReadAsync(async connection => JsonSerializer.Serialize(new[]
        {
            await connection.QueryAsync("SELECT * FROM runs"), await connection.QueryAsync("SELECT * FROM conversations"), await connection.QueryAsync("SELECT * FROM run_events"),
        }), None);
        foreach (var original in personal)
            Assert.DoesNotContain(original, stored, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_token_from_outside_is_ordinary_text_and_one_from_our_queue_stays()
    {
        await using var door = await DoorAsync();
        var message = await MessageAsync(await door.SubmitAsync("Pay DE89370400440532013000."));
        var token = message.Text[4..^1];
        var stolen = await MessageAsync(await door.SubmitAsync($"Pay {token}.", attributes: new { iban = token }));
        Assert.DoesNotContain(token, stolen.Text + stolen.Attributes, StringComparison.Ordinal);
        var queued = await MessageAsync(await door.SubmitAsync($"Pay {token}.", attributes: new { iban = token }, channel: Channels.Queue));
        Assert.Equal(($"Pay {token}.", token), (queued.Text, queued.Attributes!.Value.GetProperty("iban").GetString()));

        async Task<Message> MessageAsync(Admitted admitted) => JsonSerializer.Deserialize<Message>(await door.Blobs.GetAsync(admitted.Run!.MessageRef, None), AiOsJson.Options)!;
    }

    [Fact]
    public async Task A_conversation_is_gone_on_with_by_who_began_it_by_owners_and_by_operators()
    {
        await using var door = await DoorAsync();
        foreach (var channel in new[] { Channels.Http, Channels.Event, Channels.Queue, Channels.Schedule })
        {
            var mine = "thread-" + channel;
            Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("one", conversation: mine, channel: channel)).Outcome);
            Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("two", conversation: mine, channel: channel)).Outcome);
            foreach (var stranger in new[] { With("key:c2", Role.Client), With("key:a1", Role.Adjuster, Role.Client), Principal.Queue, Principal.Anonymous })
            {
                var refused = await door.SubmitAsync("pay me", conversation: mine, channel: channel, by: stranger);
                Assert.Equal((AdmissionOutcome.Invalid, "conversationId", "belongs to another caller; start a new conversation"), (refused.Outcome, refused.Field, refused.Reason));
                Assert.Null(refused.Run);
            }

            foreach (var trusted in new[] { With("key:o1", Role.Owner), With("key:o2", Role.Operator), Principal.System })
                Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("three", conversation: mine, channel: channel, by: trusted)).Outcome);
        }

        // One that is older than the rule is anybody's; a queue's own program goes on with its own.
        await door.Database.WriteAsync((connection, transaction) => connection.ExecuteAsync("UPDATE conversations SET principal_id = NULL WHERE conversation_id = 'thread-http'", null, transaction), None);
        Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("four", conversation: "thread-http", by: With("key:c2", Role.Client))).Outcome);
        for (var i = 0; i < 2; i++)
            Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("hello", conversation: "its-own", channel: Channels.Queue, by: Principal.Queue)).Outcome);

        static Principal With(string id, params Role[] roles) => new(id, id, roles.ToHashSet());
    }

    [Fact]
    public async Task Of_clients_that_race_for_a_new_conversation_one_gets_it()
    {
        await using var door = await DoorAsync();
        var raced = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            door.SubmitAsync("mine", conversation: "thread", by: new($"key:c{i}", "a client", new HashSet<Role> { Role.Client })))));
        Assert.Single(raced, admitted => admitted.Outcome == AdmissionOutcome.Created);
        Assert.Equal(7, raced.Count(admitted => admitted.Outcome == AdmissionOutcome.Invalid));
    }

    [Fact]
    public async Task A_conversation_keeps_its_version_until_it_was_idle_for_half_an_hour()
    {
        await using var door = await DoorAsync();
        var first = (await door.SubmitAsync("one", conversation: "thread")).Run!;
        door.Plans.Install("2.0.0");
        Clock.Advance(TimeSpan.FromMinutes(45));   // the run is under way all the time: not idle
        var second = (await door.SubmitAsync("two", conversation: "thread")).Run!;
        await door.FinishAsync(first);
        await door.FinishAsync(second);
        Clock.Advance(TimeSpan.FromMinutes(29));
        var third = (await door.SubmitAsync("three", conversation: "thread")).Run!;
        await door.FinishAsync(third);
        Clock.Advance(TimeSpan.FromMinutes(31));
        var fourth = (await door.SubmitAsync("four", conversation: "thread")).Run!;
        Assert.Equal(["1.0.0", "1.0.0", "1.0.0", "2.0.0"], new[] { first, second, third, fourth }.Select(run => run.Version));
        Assert.Equal("sha256:plan-of-2.0.0", fourth.ToStart().PlanDigest);
        Assert.Equal("2.0.0", (await door.SubmitAsync("elsewhere")).Run!.Version);
    }

    [Fact]
    public async Task A_conversation_leaves_a_version_that_cannot_be_run_any_more_and_stays_with_the_next()
    {
        await using var door = await DoorAsync();
        var first = (await door.SubmitAsync("one", conversation: "thread")).Run!;
        door.Plans.Install("2.0.0");
        door.Plans.Refused.Add(first.PlanDigest);
        var second = (await door.SubmitAsync("two", conversation: "thread")).Run!;   // the run before it is under way all the time, as what it was begun as
        await door.FinishAsync(first);
        await door.FinishAsync(second);
        door.Plans.Refused.Clear();
        door.Plans.Install("3.0.0");
        var third = (await door.SubmitAsync("three", conversation: "thread")).Run!;
        Assert.Equal(["1.0.0", "2.0.0", "2.0.0"], new[] { (await door.Runs.GetAsync(first.RunId, CancellationToken.None))!, second, third }.Select(run => run.Version));
        Assert.Equal("sha256:plan-of-2.0.0", third.ToStart().PlanDigest);
        door.Plans.Damaged.Add(door.Plans.InForce.PlanDigest);
        var shut = await door.SubmitAsync("elsewhere");
        Assert.Equal((AdmissionOutcome.Unusable, "The plan is damaged."), (shut.Outcome, shut.Reason));
    }

    [Fact]
    public async Task The_door_says_why_it_stays_shut()
    {
        await using var door = await DoorAsync(("AIOS_RATE_PER_SECOND", "1"), ("AIOS_RATE_BURST", "8"));
        Assert.Equal(AdmissionOutcome.UnknownApp, (await door.SubmitAsync("hello", app: "nobody")).Outcome);
        Assert.Equal((AdmissionOutcome.Invalid, "text"), Why(await door.SubmitAsync("  ")));
        Assert.Equal((AdmissionOutcome.TooLarge, "text"), Why(await door.SubmitAsync(new string('ä', 64 * 1024 + 1))));
        Assert.Equal((AdmissionOutcome.Invalid, "conversationId"), Why(await door.SubmitAsync("hello", conversation: "a b")));
        Assert.Equal((AdmissionOutcome.Invalid, "conversationId"), Why(await door.SubmitAsync("hello", conversation: new string('a', 65))));
        Assert.Equal((AdmissionOutcome.Invalid, "attributes"), Why(await door.SubmitAsync("hello", attributes: new[] { 1 })));

        await door.Switches.SetAsync("claims", true, "maintenance", Door.Client, None);
        Assert.Equal((AdmissionOutcome.Refused, "maintenance"), ((await door.SubmitAsync("hello")) is var refused ? (refused.Outcome, refused.Reason) : default));
        Assert.Equal("claims", Assert.Single(await door.Switches.ListAsync(None)).App);
        await door.Switches.SetAsync("claims", false, null, Door.Client, None);
        await door.Switches.SetAsync("all", true, null, Door.Client, None);
        Assert.Equal(AdmissionOutcome.Refused, (await door.SubmitAsync("hello")).Outcome);
        await door.Switches.SetAsync("all", false, null, Door.Client, None);
        Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("hello")).Outcome);

        Admitted last;
        do
            last = await door.SubmitAsync("hello");
        while (last.Outcome == AdmissionOutcome.Created);
        Assert.Equal((AdmissionOutcome.TooMany, TimeSpan.FromSeconds(1)), (last.Outcome, last.RetryAfter));
        Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("hello", key: "e1", channel: Channels.Queue)).Outcome);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AdmissionOutcome.Created, (await door.SubmitAsync("hello")).Outcome);
        Assert.Equal(AdmissionOutcome.TooMany, (await door.SubmitAsync("hello")).Outcome);

        static (AdmissionOutcome, string?) Why(Admitted admitted) => (admitted.Outcome, admitted.Field);
    }

    [Fact]
    public async Task A_schedule_owes_every_recent_instant_once_and_of_the_missed_ones_the_latest()
    {
        await using var door = await DoorAsync();   // it is 9:00:00
        door.Plans.Install("1.1.0", new("*/30 * * * * *", "UTC", "tick"), new("0 30 3 * * *", "Europe/Berlin", "nightly"));
        Assert.Empty(await door.Schedules.DueAsync(None));
        Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(["09:00:30", "09:01:00"], await TakeAsync());
        Assert.Empty(await TakeAsync());
        Clock.Advance(TimeSpan.FromHours(49));
        // 10:01:01, two days later: of the ticks those of the last two minutes and one that was missed; of two nights the last (3:30 in Berlin).
        Assert.Equal(["02:30:00", "09:59:00", "09:59:30", "10:00:00", "10:00:30", "10:01:00"], await TakeAsync());
        Assert.Empty(await door.Schedules.DueAsync(None));
        door.Plans.Install("1.2.0", new ScheduleTrigger("0 * * * * *", "UTC", "minute"));
        Assert.Empty(await door.Schedules.DueAsync(None));   // seen for the first time
        Clock.Advance(TimeSpan.FromMinutes(1));
        var due = Assert.Single(await door.Schedules.DueAsync(None));
        Assert.Equal(due, Assert.Single(await door.Schedules.DueAsync(None)));   // not done yet: due again
        Assert.Equal("2026-03-04T10:02:00Z", due.IdempotencyKey);
        door.Plans.Damaged.Add(door.Plans.InForce.PlanDigest);
        Assert.Empty(await door.Schedules.DueAsync(None));
        door.Plans.Damaged.Clear();   // mended: still due
        Assert.Equal(due, Assert.Single(await door.Schedules.DueAsync(None)));
        Assert.Equal(RunIds.Of("claims", "schedule", "system", due.IdempotencyKey),
            (await door.Admission.AdmitAsync(new("claims", due.Text, null, null, Channels.Schedule, due.IdempotencyKey, AiOs.Security.Principal.System, null), None)).Run!.RunId);

        async Task<List<string>> TakeAsync()
        {
            var taken = await door.Schedules.DueAsync(None);
            foreach (var occurrence in taken)
                await door.Schedules.DoneAsync(occurrence, None);
            return [.. taken.Select(occurrence => occurrence.IdempotencyKey[11..19])];
        }
    }
}

public sealed class SqliteAdmissionTests : AdmissionContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresAdmissionTests(PostgresServer server) : AdmissionContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);
}
