using System.Text.Json;

namespace AiOs.Policies.Approvals;

/// <summary>Where an approval stands. Only a pending one changes.</summary>
public enum ApprovalStatus
{
    /// <summary>Nobody has answered yet.</summary>
    Pending,

    /// <summary>A person said yes.</summary>
    Approved,

    /// <summary>A person said no.</summary>
    Rejected,

    /// <summary>Nobody answered in time.</summary>
    Expired,

    /// <summary>The run ended before anybody answered.</summary>
    Voided,
}

/// <summary>A question to people, bound to one action: the digest of its call and arguments, the policy version, who asked, and the deadline. Any change of them is another question.</summary>
/// <param name="Id">Derived from run, step and iteration.</param>
/// <param name="RunId">The run that waits.</param>
/// <param name="Step">The step that asks.</param>
/// <param name="App">The app.</param>
/// <param name="Role">Who may answer; an owner always may.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Summary">The question, in a sentence.</param>
/// <param name="Proposal">What would be done: masked facts shown to the person.</param>
/// <param name="ActionDigest">The digest of what would be done.</param>
/// <param name="PolicyVersion">The policy that asks for the approval.</param>
/// <param name="RequestedBy">The id of the run's principal.</param>
/// <param name="CreatedAt">When it was opened.</param>
/// <param name="Deadline">After this instant it can no longer be answered.</param>
/// <param name="OnTimeout">What silence means to the run: <c>reject</c>, <c>approve</c> or <c>escalate</c>.</param>
/// <param name="AnsweredBy">The id of who answered.</param>
/// <param name="Comment">What they said, masked.</param>
/// <param name="AnsweredAt">When it left <see cref="ApprovalStatus.Pending"/>.</param>
/// <param name="Consumed">Whether the run has taken notice.</param>
public sealed record Approval(string Id, string RunId, string Step, string App, string Role, ApprovalStatus Status, string Summary, JsonElement? Proposal, string ActionDigest, string PolicyVersion,
    string RequestedBy, DateTimeOffset CreatedAt, DateTimeOffset Deadline, string OnTimeout, string? AnsweredBy, string? Comment, DateTimeOffset? AnsweredAt, bool Consumed)
{
    /// <summary>Whether the answer is for exactly this action, asked under this policy version for this principal.</summary>
    public bool Covers(string actionDigest, string policyVersion, string requestedBy) =>
        ActionDigest == actionDigest && PolicyVersion == policyVersion && RequestedBy == requestedBy;
}

/// <summary>A question to be put. <paramref name="Step"/> may be a path (<c>payout/unknown</c>); <paramref name="Iteration"/> counts inside loops; <paramref name="Within"/> is how long there is to answer.</summary>
public sealed record NewApproval(string RunId, string Step, int Iteration, string App, string Role, string Summary, JsonElement? Proposal, string ActionDigest, string PolicyVersion,
    string RequestedBy, TimeSpan Within, string OnTimeout);

/// <summary>What became of an answer.</summary>
public enum AnswerOutcome
{
    /// <summary>It counts.</summary>
    Answered,

    /// <summary>There is no such approval.</summary>
    NotFound,

    /// <summary>The principal has neither the approval's role nor is an owner.</summary>
    Forbidden,

    /// <summary>Somebody answered before, or the run has ended.</summary>
    AlreadyAnswered,

    /// <summary>The deadline has passed.</summary>
    TooLate,
}

/// <summary>What became of an answer, and the approval as it is stored now.</summary>
public sealed record AnswerResult(AnswerOutcome Outcome, Approval? Approval);
