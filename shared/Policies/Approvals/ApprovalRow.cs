using System.Text.Json;

namespace AiOs.Policies.Approvals;

/// <summary>A row of the table, as Dapper fills it.</summary>
sealed class ApprovalRow
{
    public const string Columns = """
        id, run_id, step, app, role, status, summary, proposal, action_digest, policy_version, requested_by, created_at, deadline, on_timeout, answered_by, comment, answered_at, consumed
        """;

    public string Id { get; init; } = "";
    public string RunId { get; init; } = "";
    public string Step { get; init; } = "";
    public string App { get; init; } = "";
    public string Role { get; init; } = "";
    public string Status { get; init; } = "";
    public string Summary { get; init; } = "";
    public string? Proposal { get; init; }
    public string ActionDigest { get; init; } = "";
    public string PolicyVersion { get; init; } = "";
    public string RequestedBy { get; init; } = "";
    public long CreatedAt { get; init; }
    public long Deadline { get; init; }
    public string OnTimeout { get; init; } = "";
    public string? AnsweredBy { get; init; }
    public string? Comment { get; init; }
    public long? AnsweredAt { get; init; }
    public long Consumed { get; init; }

    public static string Name(ApprovalStatus status) => status switch
    {
        ApprovalStatus.Pending => "pending",
        ApprovalStatus.Approved => "approved",
        ApprovalStatus.Rejected => "rejected",
        ApprovalStatus.Expired => "expired",
        _ => "voided",
    };

    public Approval ToApproval() => new(Id, RunId, Step, App, Role, Enum.Parse<ApprovalStatus>(Status, ignoreCase: true), Summary,
        Proposal is null ? null : JsonElement.Parse(Proposal), ActionDigest, PolicyVersion, RequestedBy, At(CreatedAt), At(Deadline), OnTimeout, AnsweredBy, Comment,
        AnsweredAt is { } answered ? At(answered) : null, Consumed != 0);

    static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
