using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Security;
using Dapper;

namespace AiOs.Policies.Approvals;

/// <summary>The questions that runs put to people. A row leaves <c>pending</c> once, by a compare-and-set in the same transaction as its audit leaf:
/// what is visible to the run is on the record. Waking the run is somebody else's work.</summary>
public sealed class Approvals(Database database, AuditLog audit, TimeProvider clock)
{
    const int MaxComment = 4000;

    /// <summary>Opens the question, once: run, step and iteration make its id, and opening it again returns what is stored.</summary>
    public Task<Approval> OpenAsync(NewApproval question, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var id = IdOf(question.RunId, question.Step, question.Iteration);
        var row = new
        {
            id, question.RunId, question.Step, Iteration = (long)question.Iteration, question.App, question.Role, question.Summary, Proposal = question.Proposal?.GetRawText(), question.ActionDigest,
            question.PolicyVersion, question.RequestedBy, CreatedAt = now.ToUnixTimeMilliseconds(), Deadline = (now + question.Within).ToUnixTimeMilliseconds(), question.OnTimeout,
        };
        return WriteAsync(async (connection, transaction) =>
        {
            var added = await connection.ExecuteAsync("""
                INSERT INTO approvals (id, run_id, step, iteration, app, role, status, summary, proposal, action_digest, policy_version, requested_by, created_at, deadline, on_timeout)
                VALUES (@id, @RunId, @Step, @Iteration, @App, @Role, 'pending', @Summary, @Proposal, @ActionDigest, @PolicyVersion, @RequestedBy, @CreatedAt, @Deadline, @OnTimeout)
                ON CONFLICT (id) DO NOTHING
                """, row, transaction);
            var stored = (await FindAsync(connection, id, transaction))!;
            if (added > 0)
                await RecordAsync(connection, transaction, stored, "approval.opened", now, question.RequestedBy, "pending");
            return stored;
        }, cancellationToken);
    }

    /// <summary>The id of a question: <c>apr-</c> and 26 base32 characters of the hash of run, step and iteration.</summary>
    public static string IdOf(string runId, string step, int iteration) =>
        "apr-" + Base32.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{runId}\n{step}\n{iteration}")))[..16]);

    /// <summary>Answers a pending question before its deadline. Whoever has the question's role, or is an owner, may; the first answer counts.</summary>
    /// <param name="id">The question.</param>
    /// <param name="approve">Yes or no.</param>
    /// <param name="comment">Masked; cut at 4,000 characters.</param>
    /// <param name="who">Who answers.</param>
    /// <param name="cancellationToken">Gives up; the answer may then have been stored.</param>
    public Task<AnswerResult> AnswerAsync(string id, bool approve, string? comment, Principal who, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var status = ApprovalRow.Name(approve ? ApprovalStatus.Approved : ApprovalStatus.Rejected);
        var said = comment?.Length > MaxComment ? comment[..MaxComment] : comment;
        return WriteAsync(async (connection, transaction) =>
        {
            if (await FindAsync(connection, id, transaction) is not { } before)
                return new AnswerResult(AnswerOutcome.NotFound, null);
            if (!MayAnswer(who, before.Role))
                return new AnswerResult(AnswerOutcome.Forbidden, before);
            var changed = await connection.ExecuteAsync("""
                UPDATE approvals SET status = @status, answered_by = @by, comment = @said, answered_at = @at WHERE id = @id AND status = 'pending' AND deadline > @at
                """, new { id, status, by = who.Id, said, at = now.ToUnixTimeMilliseconds() }, transaction);
            var after = (await FindAsync(connection, id, transaction))!;
            if (changed == 0)
                return new AnswerResult(after.Status is ApprovalStatus.Pending or ApprovalStatus.Expired ? AnswerOutcome.TooLate : AnswerOutcome.AlreadyAnswered, after);
            await RecordAsync(connection, transaction, after, "approval.answered", now, who.Id, status);
            return new AnswerResult(AnswerOutcome.Answered, after);
        }, cancellationToken);
    }

    static bool MayAnswer(Principal who, string role) => who.Is(Role.Owner) || (Roles.Find(role) is { } needed && who.Is(needed));

    /// <summary>Reads the question for its run: one that is still pending past its deadline becomes <c>expired</c>; one that is not pending any more is marked as consumed.</summary>
    /// <exception cref="KeyNotFoundException">There is no such question.</exception>
    public Task<Approval> SettleAsync(string id, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return WriteAsync(async (connection, transaction) =>
        {
            var at = now.ToUnixTimeMilliseconds();
            var expired = await connection.ExecuteAsync("UPDATE approvals SET status = 'expired', answered_at = @at WHERE id = @id AND status = 'pending' AND deadline <= @at", new { id, at }, transaction);
            await connection.ExecuteAsync("UPDATE approvals SET consumed = 1 WHERE id = @id AND status <> 'pending' AND consumed = 0", new { id }, transaction);
            var stored = await FindAsync(connection, id, transaction) ?? throw new KeyNotFoundException($"There is no approval {id}.");
            if (expired > 0)
                await RecordAsync(connection, transaction, stored, "approval.expired", now, Principal.System.Id, "expired");
            return stored;
        }, cancellationToken);
    }

    /// <summary>The question; null where there is none.</summary>
    public Task<Approval?> GetAsync(string id, CancellationToken cancellationToken) => database.ReadAsync(connection => FindAsync(connection, id, null), cancellationToken);

    /// <summary>A page of questions, the nearest deadline first.</summary>
    /// <param name="status">Only these; null for all.</param>
    /// <param name="app">Only this app's; null for all.</param>
    /// <param name="top">At most so many, 1 to 500.</param>
    /// <param name="after">The id of the last one of the page before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<Approval>> ListAsync(ApprovalStatus? status, string? app, int top, string? after, CancellationToken cancellationToken) => QueryAsync($"""
        SELECT {ApprovalRow.Columns} FROM approvals
        WHERE (CAST(@status AS TEXT) IS NULL OR status = @status) AND (CAST(@app AS TEXT) IS NULL OR app = @app)
          AND (CAST(@after AS TEXT) IS NULL OR (deadline, id) > (SELECT deadline, id FROM approvals WHERE id = @after))
        ORDER BY deadline, id LIMIT @top
        """, new { status = status is { } wanted ? ApprovalRow.Name(wanted) : null, app = Given(app), after = Given(after), top = Math.Clamp(top, 1, 500) }, cancellationToken);

    static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>Questions that were settled longer than <paramref name="olderThan"/> ago, or whose deadline passed as long ago, and whose run has not taken notice: their wake-up was lost.</summary>
    public Task<IReadOnlyList<Approval>> SettledButNotConsumedAsync(TimeSpan olderThan, CancellationToken cancellationToken) => QueryAsync($"""
        SELECT {ApprovalRow.Columns} FROM approvals
        WHERE consumed = 0 AND (answered_at <= @before OR (status = 'pending' AND deadline <= @before)) AND status <> 'voided'
        ORDER BY deadline, id LIMIT 500
        """, new { before = (clock.GetUtcNow() - olderThan).ToUnixTimeMilliseconds() }, cancellationToken);

    /// <summary>The run has ended: its pending questions can no longer be answered, and nothing waits for the others.</summary>
    public Task VoidForRunAsync(string runId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return WriteAsync(async (connection, transaction) =>
        {
            var at = now.ToUnixTimeMilliseconds();
            var voided = (await connection.QueryAsync<string>("UPDATE approvals SET status = 'voided', answered_at = @at WHERE run_id = @runId AND status = 'pending' RETURNING id", new { runId, at }, transaction)).ToList();
            await connection.ExecuteAsync("UPDATE approvals SET consumed = 1 WHERE run_id = @runId AND consumed = 0", new { runId }, transaction);
            foreach (var id in voided)
                await RecordAsync(connection, transaction, (await FindAsync(connection, id, transaction))!, "approval.voided", now, Principal.System.Id, "voided");
            return voided.Count;
        }, cancellationToken);
    }

    Task RecordAsync(DbConnection connection, DbTransaction transaction, Approval approval, string type, DateTimeOffset at, string principal, string outcome) =>
        audit.AppendAsync(connection, transaction, new AuditEntry(type, at, approval.RunId, approval.Step, principal, approval.ActionDigest, approval.PolicyVersion, outcome,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["approval"] = approval.Id, ["app"] = approval.App, ["role"] = approval.Role, ["requestedBy"] = approval.RequestedBy, ["onTimeout"] = approval.OnTimeout,
                ["deadline"] = approval.Deadline.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            }, $"{approval.Id}/{type}"));

    /// <summary>Every statement is atomic by itself and the row is changed by compare-and-set, so read committed is enough and nobody starts over.</summary>
    Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, work, cancellationToken);

    static async Task<Approval?> FindAsync(DbConnection connection, string id, DbTransaction? transaction) =>
        (await connection.QuerySingleOrDefaultAsync<ApprovalRow>($"SELECT {ApprovalRow.Columns} FROM approvals WHERE id = @id", new { id }, transaction))?.ToApproval();

    Task<IReadOnlyList<Approval>> QueryAsync(string sql, object arguments, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<Approval>>(async connection =>
        [.. (await connection.QueryAsync<ApprovalRow>(sql, arguments)).Select(row => row.ToApproval())], cancellationToken);
}
