namespace AiOs.Governance;

/// <summary>One fact for the record: a decision, an approval, an action, a security event. Never personal data: masked text, ids and digests only.</summary>
/// <param name="Type">What happened, dotted: <c>decision.made</c>, <c>approval.answered</c>, <c>action.intended</c>, <c>action.done</c>.</param>
/// <param name="At">When, by the clock of who records it.</param>
/// <param name="RunId">The run, where there is one.</param>
/// <param name="Step">The step of the run.</param>
/// <param name="Principal">The id of who caused it.</param>
/// <param name="ArgumentsDigest"><c>sha256:</c> over the canonical arguments, where there are any.</param>
/// <param name="PolicyVersion">The digest of the policy in force.</param>
/// <param name="Outcome">How it ended, not merely that it was tried.</param>
/// <param name="Detail">Further names and ids.</param>
/// <param name="DedupeKey">A fact with a key that was recorded before is not recorded again; for what may be retried (run, step, attempt, type).</param>
public sealed record AuditEntry(
    string Type, DateTimeOffset At, string? RunId, string? Step, string Principal, string? ArgumentsDigest, string? PolicyVersion, string Outcome,
    IReadOnlyDictionary<string, string>? Detail = null, string? DedupeKey = null);

/// <summary>A recorded entry: its place in the one sequence without gaps (from 1), and the exact bytes that were recorded and that proofs will hash.</summary>
public sealed record AuditRecord(long Sequence, AuditEntry Entry, byte[] Leaf);
