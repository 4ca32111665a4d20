using System.Text.Json;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;

namespace AiOs.Tests.ControlPlane;

/// <summary>What the projection of runs promises, in the same words on every database.</summary>
public abstract class RunsContract
{
    static readonly CancellationToken None = CancellationToken.None;

    protected ManualTimeProvider Clock { get; } = new();

    protected abstract Task<TestDatabase> OpenAsync(MigrationSet[] migrations);

    Task<Door> DoorAsync() => Door.OpenAsync(OpenAsync, Clock);

    [Fact]
    public async Task A_run_ends_once_and_stays_as_it_ended()
    {
        await using var door = await DoorAsync();
        var run = (await door.SubmitAsync("A tree fell on my car.")).Run!;
        Assert.True(await door.Runs.MarkStartedAsync(run.RunId, None));
        Assert.True(await door.Runs.SetStatusAsync(run.RunId, RunStatus.Waiting, new("approval", "a1", "adjuster", Clock.GetUtcNow().AddHours(4)),
            run.ToOutcome() with { Decision = new("approve", "large", "Above the limit.") }, None));

        var waiting = (await door.Runs.GetAsync(run.RunId, None))!.ToOutcome();
        Assert.Equal((RunStatus.Waiting, "a1", "large"), (waiting.Status, waiting.WaitingFor!.Id, waiting.Decision!.Rule));
        Assert.Equal("/api/approvals/a1", waiting.Links!["approval"]);

        var first = await door.FinishAsync(run, RunStatus.Rejected);
        var second = await door.FinishAsync(run, RunStatus.Completed);
        Assert.Equal((true, false, RunStatus.Rejected), (first.First, second.First, second.Run.Status));
        Assert.False(await door.Runs.SetStatusAsync(run.RunId, RunStatus.Running, null, null, None));
        Assert.False(await door.Runs.MarkStartedAsync(run.RunId, None));
        Assert.Null(second.Run.ToOutcome().WaitingFor);
        Assert.DoesNotContain("cancel", second.Run.ToOutcome().Links!.Keys);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => door.Runs.FinishAsync(first.Run.ToOutcome() with { RunId = "claims-nobody" }, null, None));
    }

    [Fact]
    public async Task Runs_of_one_conversation_have_their_turn_one_after_another()
    {
        await using var door = await DoorAsync();
        var (a, b, c) = (await door.SubmitAsync("one", conversation: "thread"), await door.SubmitAsync("two", conversation: "thread"), await door.SubmitAsync("three", conversation: "thread"));
        var other = await door.SubmitAsync("elsewhere", conversation: "another-thread");
        Assert.Equal([true, false, false, true], new[] { a, b, c, other }.Select(admitted => admitted.StartNow));
        Assert.Equal(new WaitingFor("conversation", a.Run!.RunId), b.Run!.ToOutcome().WaitingFor);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([a.Run.RunId, other.Run!.RunId], (await door.Runs.AdmittedButNotStartedAsync(TimeSpan.FromSeconds(10), 10, None)).Select(run => run.RunId));
        await door.Runs.MarkStartedAsync(a.Run.RunId, None);

        var commit = new ConversationCommit(0, new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["policy"] = JsonElement.Parse("\"PC-123456\"") }, "report-damage", new("amount", "money"));
        var ended = await door.FinishAsync(a.Run, commit: commit);
        Assert.Equal((b.Run.RunId, true), (ended.Next!.RunId, ended.ConversationCommitted));
        Assert.Equal(b.Run.RunId, (await door.FinishAsync(a.Run)).Next!.RunId);   // asked again after a crash: the same answer
        Assert.Null((await door.Runs.GetAsync(b.Run.RunId, None))!.WaitingFor);

        var conversation = await door.Conversations.GetAsync("claims", "thread", None);
        Assert.Equal((1, "report-damage", "amount", "PC-123456"), (conversation.Turn, conversation.Intent, conversation.OpenQuestion!.Field, conversation.Fields["policy"].GetString()));
        await door.Runs.MarkStartedAsync(b.Run.RunId, None);
        var stale = await door.FinishAsync(b.Run, commit: commit with { Intent = "lost-update" });
        Assert.Equal((false, c.Run!.RunId), (stale.ConversationCommitted, stale.Next!.RunId));
        Assert.Equal("report-damage", (await door.Conversations.GetAsync("claims", "thread", None)).Intent);
        Assert.Null((await door.FinishAsync(c.Run)).Next);
        Assert.True((await door.SubmitAsync("four", conversation: "thread")).StartNow);
    }

    [Fact]
    public async Task A_run_that_has_not_begun_is_cancelled_at_once_and_passes_its_turn_on()
    {
        await using var door = await DoorAsync();
        var (a, b, c) = (await door.SubmitAsync("one", conversation: "thread"), await door.SubmitAsync("two", conversation: "thread"), await door.SubmitAsync("three", conversation: "thread"));
        Assert.Null((await door.Runs.CancelBeforeStartAsync(b.Run!.RunId, "by the client", None))!.Next?.StartedAt);
        var cancelled = await door.Runs.CancelBeforeStartAsync(a.Run!.RunId, "by the client", None);
        Assert.Equal((RunStatus.Cancelled, "by the client", c.Run!.RunId), (cancelled!.Run.Status, cancelled.Run.Reason, cancelled.Next!.RunId));
        Assert.False(await door.Runs.MarkStartedAsync(a.Run.RunId, None));
        await door.Runs.MarkStartedAsync(c.Run.RunId, None);
        Assert.Null(await door.Runs.CancelBeforeStartAsync(c.Run.RunId, "too late", None));
        Assert.Null(await door.Runs.CancelBeforeStartAsync("claims-nobody", "nobody", None));
    }

    [Fact]
    public async Task A_page_of_runs_continues_where_the_last_one_ended()
    {
        await using var door = await DoorAsync();
        var runs = new List<RunRow>();
        for (var i = 0; i < 7; i++)
            runs.Add((await door.SubmitAsync($"message {i}")).Run!);
        await door.FinishAsync(runs[2]);

        var seen = new List<string>();
        for (string? after = null; ;)
        {
            var page = await door.Runs.ListAsync("claims", RunStatus.Running, 4, after, None);
            seen.AddRange(page.Rows.Select(run => run.RunId));
            if ((after = page.Next) is null)
                break;
        }

        Assert.Equal(runs.Where((_, i) => i != 2).Select(run => run.RunId).Reverse(), seen);
        Assert.Empty((await door.Runs.ListAsync("another-app", null, 10, null, None)).Rows);
        Assert.Single((await door.Runs.ListAsync(null, RunStatus.Completed, 10, null, None)).Runs);
        await Assert.ThrowsAsync<FormatException>(() => door.Runs.ListAsync(null, null, 10, "x", None));
    }

    [Fact]
    public async Task A_timeline_is_followed_live_to_its_end()
    {
        await using var door = await DoorAsync();
        var run = (await door.SubmitAsync("A tree fell on my car.")).Run!;
        var began = Clock.GetUtcNow();
        var started = new RunEvent(0, run.RunId, "intent", 1, "detect", "started", began);
        var ended = started with { Outcome = "matched", EndedAt = began.AddMilliseconds(20), Facts = JsonElement.Parse("{\"intent\":\"report-damage\"}") };
        await door.Runs.RecordAsync(started, None);

        var seen = new List<RunEvent>();
        await foreach (var line in door.Runs.FollowAsync(run.RunId, 0, None))
        {
            seen.Add(line);
            if (seen.Count == 1)
            {
                await door.Runs.RecordAsync(ended, None);
                await door.Runs.RecordAsync(ended, None);   // tried again: nothing new
            }
            else if (seen.Count == 2)
            {
                await door.Runs.RecordAsync(started with { Step = "reply", Kind = "answer", Outcome = "answered" }, None);
                await door.FinishAsync(run);
            }
        }

        Assert.Equal([(1, "started"), (2, "matched"), (3, "answered")], seen.Select(line => ((int)line.Sequence, line.Outcome)));
        Assert.Equal([("intent", "matched"), ("reply", "answered")], (await door.Runs.EventsAsync(run.RunId, 0, None)).Select(line => (line.Step, line.Outcome)));
        Assert.Equal("report-damage", seen[1].Facts!.Value.GetProperty("intent").GetString());
        Assert.Equal([3L], (await door.Runs.EventsAsync(run.RunId, 2, None)).Select(line => line.Sequence));
    }

    [Fact]
    public async Task Who_waits_for_a_run_is_woken_when_it_ends_or_waits_itself()
    {
        await using var door = await DoorAsync();
        var (one, two) = ((await door.SubmitAsync("one")).Run!, (await door.SubmitAsync("two")).Run!);
        var first = door.Runs.WaitAsync(one.RunId, TimeSpan.FromSeconds(60), None);
        var second = door.Runs.WaitAsync(two.RunId, TimeSpan.FromSeconds(60), None);
        await door.FinishAsync(one);
        await door.Runs.SetStatusAsync(two.RunId, RunStatus.Waiting, new("approval"), null, None);

        // Time stands still: only the signal can have woken them.
        Assert.Equal((RunStatus.Completed, RunStatus.Waiting), ((await first)!.Status, (await second)!.Status));
        Assert.Equal(RunStatus.Running, (await door.Runs.WaitAsync((await door.SubmitAsync("three")).Run!.RunId, TimeSpan.Zero, None))!.Status);
        Assert.Null(await door.Runs.WaitAsync("claims-nobody", TimeSpan.FromSeconds(60), None));
    }

    [Fact]
    public async Task Lines_recorded_side_by_side_get_numbers_of_their_own()
    {
        await using var door = await DoorAsync();
        var run = (await door.SubmitAsync("one")).Run!;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => door.Runs.RecordAsync(new(0, run.RunId, $"step{i}", 1, "act", "done", Clock.GetUtcNow()), None)));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), (await door.Runs.EventsAsync(run.RunId, 0, None)).Select(line => line.Sequence));
    }
}

public sealed class SqliteRunsTests : RunsContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresRunsTests(PostgresServer server) : RunsContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);
}
