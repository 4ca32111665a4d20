using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Policies.Approvals;
using AiOs.Security;

namespace AiOs.Shared.Tests.Policies;

/// <summary>What approvals promise on every dialect.</summary>
public abstract class ApprovalsContract
{
    static readonly Principal Adjuster = Person("key:adj", Role.Adjuster);
    static readonly Principal Owner = Person("key:own", Role.Owner);
    static readonly Principal Operator = Person("key:ops", Role.Operator);

    readonly ManualTimeProvider clock = new();

    protected abstract Task<TestDatabase> OpenAsync(TimeProvider clock, params MigrationSet[] migrations);

    static Principal Person(string id, Role role) => new(id, id, new HashSet<Role> { role });

    static NewApproval Question(string run = "claims-1", string step = "adjuster", int hours = 4) =>
        new(run, step, 0, "claims-intake", "adjuster", "Pay 2,400.00 EUR?", JsonSerializer.SerializeToElement(new { amount = 240000 }), "sha256:a1", "sha256:p1", "key:client", TimeSpan.FromHours(hours), "reject");

    async Task WithAsync(Func<Approvals, AuditLog, Task> test)
    {
        await using var database = await OpenAsync(clock, ApprovalTables.Migrations, GovernanceTables.Migrations);
        var audit = new AuditLog(database.Database);
        await test(new Approvals(database.Database, audit, clock), audit);
    }

    static async Task<IReadOnlyList<string>> LeavesAsync(AuditLog audit) =>
        [.. (await audit.ReadAsync(0, 100, CancellationToken.None)).Select(record => $"{record.Entry.Type} {record.Entry.Outcome} {record.Entry.Principal}")];

    [Fact]
    public Task A_question_is_opened_once_and_answered_once() => WithAsync(async (approvals, audit) =>
    {
        var opened = await approvals.OpenAsync(Question(), CancellationToken.None);
        clock.Advance(TimeSpan.FromMinutes(5));
        var again = await approvals.OpenAsync(Question(hours: 8), CancellationToken.None);
        Assert.Equal((opened.Id, opened.Deadline, ApprovalStatus.Pending), (again.Id, again.Deadline, again.Status));
        Assert.Equal(240000, opened.Proposal!.Value.GetProperty("amount").GetInt32());

        var answered = await approvals.AnswerAsync(opened.Id, approve: true, "Looks right.", Adjuster, CancellationToken.None);
        var second = await approvals.AnswerAsync(opened.Id, approve: false, null, Owner, CancellationToken.None);

        Assert.Equal((AnswerOutcome.Answered, ApprovalStatus.Approved, "key:adj", "Looks right."), (answered.Outcome, answered.Approval!.Status, answered.Approval.AnsweredBy, answered.Approval.Comment));
        Assert.Equal((AnswerOutcome.AlreadyAnswered, ApprovalStatus.Approved), (second.Outcome, second.Approval!.Status));
        Assert.Equal(["approval.opened pending key:client", "approval.answered approved key:adj"], await LeavesAsync(audit));
    });

    [Fact]
    public Task Of_many_answers_at_once_exactly_one_counts() => WithAsync(async (approvals, audit) =>
    {
        var opened = await approvals.OpenAsync(Question(), CancellationToken.None);
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => approvals.AnswerAsync(opened.Id, i % 2 == 0, null, i % 3 == 0 ? Owner : Adjuster, CancellationToken.None))));

        var winner = Assert.Single(answers, answer => answer.Outcome == AnswerOutcome.Answered);
        Assert.All(answers, answer => Assert.Equal(winner.Approval!.Status, answer.Approval!.Status));
        Assert.Equal(2, (await LeavesAsync(audit)).Count);
    });

    [Fact]
    public Task Only_the_role_of_the_question_or_an_owner_may_answer() => WithAsync(async (approvals, audit) =>
    {
        var opened = await approvals.OpenAsync(Question(), CancellationToken.None);

        var forbidden = await approvals.AnswerAsync(opened.Id, approve: true, null, Operator, CancellationToken.None);
        Assert.Equal((AnswerOutcome.Forbidden, ApprovalStatus.Pending), (forbidden.Outcome, forbidden.Approval!.Status));
        Assert.Equal(AnswerOutcome.Forbidden, (await approvals.AnswerAsync(opened.Id, approve: true, null, Principal.Anonymous, CancellationToken.None)).Outcome);
        Assert.Equal(AnswerOutcome.NotFound, (await approvals.AnswerAsync("apr-none", approve: true, null, Owner, CancellationToken.None)).Outcome);
        Assert.Equal(AnswerOutcome.Answered, (await approvals.AnswerAsync(opened.Id, approve: false, null, Owner, CancellationToken.None)).Outcome);
        Assert.Equal(2, (await LeavesAsync(audit)).Count);
    });

    [Fact]
    public Task Silence_expires_and_a_late_answer_changes_nothing() => WithAsync(async (approvals, audit) =>
    {
        var opened = await approvals.OpenAsync(Question(), CancellationToken.None);
        clock.Advance(TimeSpan.FromHours(4) - TimeSpan.FromMilliseconds(1));
        Assert.Equal((ApprovalStatus.Pending, false), await StateAsync());
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(AnswerOutcome.TooLate, (await approvals.AnswerAsync(opened.Id, approve: true, null, Adjuster, CancellationToken.None)).Outcome);

        Assert.Equal((ApprovalStatus.Expired, true), await StateAsync());
        Assert.Equal((ApprovalStatus.Expired, true), await StateAsync());
        Assert.Equal(AnswerOutcome.TooLate, (await approvals.AnswerAsync(opened.Id, approve: true, null, Adjuster, CancellationToken.None)).Outcome);
        Assert.Equal(["approval.opened pending key:client", "approval.expired expired system"], await LeavesAsync(audit));

        async Task<(ApprovalStatus, bool)> StateAsync()
        {
            var settled = await approvals.SettleAsync(opened.Id, CancellationToken.None);
            return (settled.Status, settled.Consumed);
        }
    });

    [Fact]
    public Task An_answer_whose_run_did_not_hear_is_found_again_until_it_is_settled() => WithAsync(async (approvals, _) =>
    {
        var (answered, silent, fresh) = (await approvals.OpenAsync(Question(), CancellationToken.None), await approvals.OpenAsync(Question("claims-2", hours: 1), CancellationToken.None), await approvals.OpenAsync(Question("claims-3", hours: 9), CancellationToken.None));
        await approvals.AnswerAsync(answered.Id, approve: true, null, Adjuster, CancellationToken.None);
        Assert.Empty(await LostAsync());

        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal([silent.Id, answered.Id], await LostAsync());

        await approvals.SettleAsync(answered.Id, CancellationToken.None);
        await approvals.SettleAsync(silent.Id, CancellationToken.None);
        Assert.Empty(await LostAsync());
        Assert.Equal([fresh.Id], (await approvals.ListAsync(ApprovalStatus.Pending, "claims-intake", 10, null, CancellationToken.None)).Select(approval => approval.Id));

        async Task<IEnumerable<string>> LostAsync() => (await approvals.SettledButNotConsumedAsync(TimeSpan.FromMinutes(1), CancellationToken.None)).Select(approval => approval.Id);
    });

    [Fact]
    public Task The_questions_of_an_ended_run_are_void() => WithAsync(async (approvals, audit) =>
    {
        var opened = await approvals.OpenAsync(Question(), CancellationToken.None);
        var other = await approvals.OpenAsync(Question("claims-2"), CancellationToken.None);

        await approvals.VoidForRunAsync("claims-1", CancellationToken.None);
        await approvals.VoidForRunAsync("claims-1", CancellationToken.None);

        Assert.Equal(AnswerOutcome.AlreadyAnswered, (await approvals.AnswerAsync(opened.Id, approve: true, null, Owner, CancellationToken.None)).Outcome);
        Assert.Equal((ApprovalStatus.Voided, ApprovalStatus.Pending), ((await approvals.GetAsync(opened.Id, CancellationToken.None))!.Status, (await approvals.GetAsync(other.Id, CancellationToken.None))!.Status));
        Assert.Single(await LeavesAsync(audit), leaf => leaf.StartsWith("approval.voided", StringComparison.Ordinal));
    });

    [Fact]
    public Task Pages_follow_the_deadlines_without_gaps() => WithAsync(async (approvals, _) =>
    {
        for (var i = 0; i < 7; i++)
            await approvals.OpenAsync(Question($"claims-{i}", hours: 1 + (i / 3)), CancellationToken.None);
        var seen = new List<string>();
        for (string? after = null; await approvals.ListAsync(null, null, 2, after, CancellationToken.None) is { Count: > 0 } page; after = page[^1].Id)
            seen.AddRange(page.Select(approval => approval.RunId));

        Assert.Equal(7, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(7, seen.Count);
        Assert.Equal("claims-6", seen[^1]);
    });

    [Fact]
    public void An_approval_covers_exactly_its_action_policy_and_principal()
    {
        var approval = new Approval("apr-1", "r", "s", "a", "adjuster", ApprovalStatus.Approved, "", null, "sha256:a1", "sha256:p1", "key:client", default, default, "reject", null, null, null, Consumed: true);

        Assert.True(approval.Covers("sha256:a1", "sha256:p1", "key:client"));
        Assert.False(approval.Covers("sha256:a2", "sha256:p1", "key:client"));
        Assert.False(approval.Covers("sha256:a1", "sha256:p2", "key:client"));
        Assert.False(approval.Covers("sha256:a1", "sha256:p1", "key:other"));
    }
}

public sealed class SqliteApprovalsTests : ApprovalsContract
{
    protected override Task<TestDatabase> OpenAsync(TimeProvider clock, params MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresApprovalsTests(PostgresServer server) : ApprovalsContract
{
    protected override Task<TestDatabase> OpenAsync(TimeProvider clock, params MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);
}
