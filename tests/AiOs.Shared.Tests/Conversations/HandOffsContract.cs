using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using AiOs.Security;

namespace AiOs.Tests.ControlPlane;

/// <summary>What hand-offs to people promise, in the same words on every database.</summary>
public abstract class HandOffsContract
{
    static readonly CancellationToken None = CancellationToken.None;

    protected ManualTimeProvider Clock { get; } = new();

    protected abstract Task<TestDatabase> OpenAsync(MigrationSet[] migrations);

    static Principal Person(string id, params Role[] roles) => new(id, id, roles.ToHashSet());

    static RunStart Run(string run, string conversation) => new(run, "claims", "1.0.0", "sha256:plan", "sha256:message", conversation, "key:c1", null, null);

    [Fact]
    public async Task A_conversation_has_one_hand_off_under_way_and_a_new_one_after_it_is_closed()
    {
        await using var door = await Door.OpenAsync(OpenAsync, Clock);
        var first = await door.HandOffs.OpenAsync(Run("r1", "thread"), "operator", HandOffReason.Asked, None);
        Assert.Equal((HandOffStatus.Open, "r1", "thread", HandOffReason.Asked, Clock.GetUtcNow()), (first.Status, first.RunId, first.ConversationId, first.Reason, first.CreatedAt));
        Assert.Equal(first, await door.HandOffs.OpenAsync(Run("r1", "thread"), "operator", HandOffReason.Asked, None));
        Assert.Equal(first.Id, (await door.HandOffs.OpenAsync(Run("r2", "thread"), "adjuster", HandOffReason.Language, None)).Id);
        Assert.NotEqual(first.Id, (await door.HandOffs.OpenAsync(Run("r3", "elsewhere"), "operator", HandOffReason.Asked, None)).Id);
        Assert.True((await door.HandOffs.CloseAsync(first.Id, Person("key:o", Role.Operator), None)).Changed);
        var next = await door.HandOffs.OpenAsync(Run("r4", "thread"), "operator", HandOffReason.Correction, None);
        Assert.NotEqual(first.Id, next.Id);
        Assert.Equal(HandOffStatus.Closed, (await door.HandOffs.OpenAsync(Run("r1", "thread"), "operator", HandOffReason.Asked, None)).Status);   // the activity of the first run, done again late
    }

    [Fact]
    public async Task Many_runs_of_one_conversation_at_once_open_one_hand_off()
    {
        await using var door = await Door.OpenAsync(OpenAsync, Clock);
        var opened = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => door.HandOffs.OpenAsync(Run($"r{i}", "thread"), "operator", HandOffReason.Asked, None)));
        Assert.Single(opened.Select(h => h.Id).Distinct(StringComparer.Ordinal));
        Assert.Single(await door.HandOffs.ListAsync(null, null, null, None));
    }

    [Fact]
    public async Task The_first_with_the_role_takes_it_and_the_others_are_told_who_has()
    {
        await using var door = await Door.OpenAsync(OpenAsync, Clock);
        var opened = await door.HandOffs.OpenAsync(Run("r1", "thread"), "operator", HandOffReason.Asked, None);
        var refused = await door.HandOffs.TakeAsync(opened.Id, Person("key:a", Role.Adjuster, Role.Client), None);
        Assert.Equal((false, false, HandOffStatus.Open), (refused.Allowed, refused.Changed, refused.HandOff!.Status));
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => door.HandOffs.TakeAsync(opened.Id, Person($"key:{i}", Role.Operator), None)));
        Assert.Single(taken, t => t.Changed);
        Assert.Single(taken.Select(t => t.HandOff!.TakenBy).Distinct(StringComparer.Ordinal));
        Clock.Advance(TimeSpan.FromMinutes(3));
        var closed = await door.HandOffs.CloseAsync(opened.Id, Person("key:owner", Role.Owner), None);
        Assert.Equal((true, HandOffStatus.Closed, taken[0].HandOff!.TakenBy, Clock.GetUtcNow()), (closed.Changed, closed.HandOff!.Status, closed.HandOff.TakenBy, closed.HandOff.ClosedAt!.Value));
        Assert.False((await door.HandOffs.CloseAsync(opened.Id, Person("key:owner", Role.Owner), None)).Changed);
        Assert.False((await door.HandOffs.TakeAsync(opened.Id, Person("key:owner", Role.Owner), None)).Changed);
        Assert.Null((await door.HandOffs.TakeAsync("hof-none", Person("key:owner", Role.Owner), None)).HandOff);
    }

    [Fact]
    public async Task A_list_holds_the_oldest_first_by_state_by_app_and_after_the_last_page()
    {
        await using var door = await Door.OpenAsync(OpenAsync, Clock);
        List<string> ids = [];
        for (var i = 0; i < 4; i++)
        {
            ids.Add((await door.HandOffs.OpenAsync(Run($"r{i}", $"thread{i}") with { App = i == 3 ? "other" : "claims" }, "operator", HandOffReason.Asked, None)).Id);
            Clock.Advance(TimeSpan.FromSeconds(i == 1 ? 0 : 1));   // two of the same instant
        }

        await door.HandOffs.TakeAsync(ids[0], Person("key:o", Role.Operator), None);
        Assert.Equal(4, (await door.HandOffs.ListAsync(null, null, null, None)).Count);
        Assert.Equal(ids[0], (await door.HandOffs.ListAsync(null, null, null, None))[0].Id);
        Assert.Equal([ids[0]], (await door.HandOffs.ListAsync(HandOffStatus.Taken, null, null, None)).Select(h => h.Id));
        Assert.Equal([ids[3]], (await door.HandOffs.ListAsync(HandOffStatus.Open, "other", null, None)).Select(h => h.Id));
        var all = (await door.HandOffs.ListAsync(null, null, null, None)).Select(h => h.Id).ToList();
        Assert.Equal(all[2..], (await door.HandOffs.ListAsync(null, null, all[1], None)).Select(h => h.Id));
    }
}

public sealed class SqliteHandOffsTests : HandOffsContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresHandOffsTests(PostgresServer server) : HandOffsContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);
}
