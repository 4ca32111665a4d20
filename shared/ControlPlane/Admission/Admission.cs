using System.Data;
using System.Text;
using System.Text.Json;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.ControlPlane.Switches;
using AiOs.DataPlane;
using AiOs.Security;
using AiOs.Telemetry;
using Microsoft.Extensions.Logging;

namespace AiOs.ControlPlane.Admission;

/// <summary>
/// The door of the OS, the same for every channel: switch, size and rate, then masking, then one row per request. When this returns, the run is durable and nothing personal has been stored outside the vault;
/// scheduling its orchestration is the caller's next act, or the sweeper's.
/// </summary>
public sealed class Admission(Database database, IBlobStore blobs, Masking masking, IPlans plans, KillSwitch switches, RateLimit rate, TimeProvider clock, ILogger<Admission> log)
{
    /// <summary>A conversation keeps its plan until it has been idle this long, or the plan cannot be run any more.</summary>
    static readonly TimeSpan PinnedFor = TimeSpan.FromMinutes(30);

    /// <summary>Lets a message in, or says why not.</summary>
    public async Task<Admitted> AdmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        if (Flaw(submission) is { } flaw)
            return flaw;
        if (submission.Channel is Channels.Http or Channels.Event && rate.Take(submission.Principal.Id) is { } wait)
            return new(AdmissionOutcome.TooMany, null, false, wait);
        if (await switches.FindAsync(submission.App, cancellationToken) is { } thrown)
            return new(AdmissionOutcome.Refused, null, false, Reason: thrown.Reason);
        if (await plans.FindAsync(submission.App, cancellationToken) is not { } inForce)
            return new(AdmissionOutcome.UnknownApp, null, false);

        var runId = await RunIdAsync(submission, cancellationToken);
        var conversationId = await ConversationIdAsync(submission, runId, cancellationToken);
        string? left = null;   // an older plan that the conversation leaves, because it cannot be run
        for (; ; )
        {
            var pin = await PinAsync(submission.App, conversationId, inForce, left, cancellationToken);
            if (pin.Version != inForce.Version && await plans.RefusalAsync(pin.PlanDigest, cancellationToken) is { } refusal)
            {
                log.ConversationLeftVersion(submission.App, pin.Version, inForce.Version, refusal);
                left = pin.PlanDigest;
                continue;
            }

            var (plan, damage) = await plans.ReadPlanAsync(pin.PlanDigest, cancellationToken);
            if (plan is not { Mask: var mask })
                return new(AdmissionOutcome.Unusable, null, false, Reason: damage);
            if (submission.Attributes is { } given && Masking.PersonalName(given, "attributes", mask) is { } field)
                return Wrong(AdmissionOutcome.Invalid, field, Submission.PersonalName);
            var (text, attributes) = await MaskAsync(submission, mask, cancellationToken);
            if (attributes is { } wide && JsonSerializer.SerializeToUtf8Bytes(wide, AiOsJson.Options).Length > Submission.MaxMaskedAttributesBytes)
                return Wrong(AdmissionOutcome.TooLarge, "attributes", "may have at most 40 KiB of JSON as they are stored, with tokens for personal data.");
            // What was asked, whatever the plan masks: repeated after a deployment with another mask list, a request is still the same.
            var (askedText, askedAttributes) = MaskKinds.All.All(mask.Contains) ? (text, attributes) : await MaskAsync(submission, MaskKinds.All, cancellationToken);
            var digest = CanonicalJson.Digest(new { submission.App, text = askedText, attributes = askedAttributes, conversationId = submission.ConversationId is null ? null : conversationId });
            if (await KnownAsync(runId, digest, cancellationToken) is { } known)
                return known;

            var message = new Message(text, attributes, submission.Channel, clock.GetUtcNow());
            var row = new RunRow
            {
                Position = 0, RunId = runId, App = submission.App, Version = pin.Version, PlanDigest = pin.PlanDigest, RequestDigest = digest, ConversationId = conversationId,
                MessageRef = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(message, AiOsJson.Options), cancellationToken),
                PrincipalId = submission.Principal.Id, Roles = [.. submission.Principal.Roles.Order()], Channel = submission.Channel, TraceParent = submission.TraceParent,
                Status = RunStatus.Running, CreatedAt = message.ReceivedAt,
            };
            // Null: the conversation's pin moved while the message was being masked; it is read again.
            if (await InsertAsync(row, inForce, left, Commands.Find(submission.Channel, text), cancellationToken) is { } admitted)
                return admitted;
        }
    }

    /// <summary>A token in a message from outside would be an attempt to have another person's value revealed; on our own queue messages lie masked, with tokens that are ours.</summary>
    async Task<(string Text, JsonElement? Attributes)> MaskAsync(Submission submission, IReadOnlyList<string> mask, CancellationToken cancellationToken)
    {
        var ours = submission.Channel is Channels.Queue or Channels.Schedule;
        var text = ours ? await masking.MaskAsync(submission.App, submission.Text, mask, cancellationToken) : await masking.MaskForeignAsync(submission.App, submission.Text, mask, cancellationToken);
        if (submission.Attributes is not { } given)
            return (text.Text, null);
        return (text.Text, ours ? await masking.MaskAsync(submission.App, given, mask, cancellationToken) : await masking.MaskForeignAsync(submission.App, given, mask, cancellationToken));
    }

    static Admitted? Flaw(Submission submission)
    {
        if (string.IsNullOrWhiteSpace(submission.Text))
            return Wrong(AdmissionOutcome.Invalid, "text", "must not be empty.");
        if (Encoding.UTF8.GetByteCount(submission.Text) > Submission.MaxTextBytes)
            return Wrong(AdmissionOutcome.TooLarge, "text", "may have at most 128 KiB.");
        if (submission.Attributes is { ValueKind: not JsonValueKind.Object })
            return Wrong(AdmissionOutcome.Invalid, "attributes", "must be an object.");
        if (submission.Attributes is { } attributes && Encoding.UTF8.GetByteCount(attributes.GetRawText()) > Submission.MaxAttributesBytes)
            return Wrong(AdmissionOutcome.TooLarge, "attributes", "may have at most 128 KiB.");
        return submission.ConversationId is { } id && !ConversationIds.IsValid(id) ? Wrong(AdmissionOutcome.Invalid, "conversationId", ConversationIds.Rule) : null;
    }

    static Admitted Wrong(AdmissionOutcome outcome, string field, string reason) => new(outcome, null, false, Field: field, Reason: reason);

    /// <summary>Keys may hold anything, an e-mail address too: what is personal in one is replaced by its keyed token before it is hashed, so that the name of a run cannot be guessed from it.</summary>
    async Task<string> RunIdAsync(Submission submission, CancellationToken cancellationToken) => submission.IdempotencyKey is { } key
        ? RunIds.Of(submission.App, submission.Channel, submission.Principal.Id, (await masking.MaskAsync(submission.App, key, MaskKinds.All, cancellationToken)).Text)
        : RunIds.Random(submission.App);

    async Task<string> ConversationIdAsync(Submission submission, string runId, CancellationToken cancellationToken) => submission.ConversationId is { } id
        ? await ConversationIds.StoredAsync(masking, submission.App, id, cancellationToken)
        : runId[(submission.App.Length + 1)..];

    async Task<ConversationTable.Pin> PinAsync(string app, string conversationId, PlanInForce inForce, string? left, CancellationToken cancellationToken) => Kept(await database.ReadAsync(
        connection => ConversationTable.PinAsync(connection, null, app, conversationId, IdleSince), cancellationToken), inForce, left);

    /// <summary>A conversation keeps its version; where that was built again, it goes on with the new build, and where it cannot be run any more, with the version in force.</summary>
    static ConversationTable.Pin Kept(ConversationTable.Pin? pin, PlanInForce inForce, string? left) =>
        pin is not null && pin.Version != inForce.Version && pin.PlanDigest != left ? pin : new() { Version = inForce.Version, PlanDigest = inForce.PlanDigest };

    long IdleSince => RunRecord.Milliseconds(clock.GetUtcNow() - PinnedFor);

    async Task<Admitted?> KnownAsync(string runId, string digest, CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => Runs.Runs.FindAsync(connection, null, runId), cancellationToken) is { } run ? Known(run, digest) : null;

    static Admitted Known(RunRow run, string digest) => new(run.RequestDigest == digest ? AdmissionOutcome.Existing : AdmissionOutcome.Conflict, run, StartNow: false);

    /// <summary>One row per run id, whoever is first. Null where the conversation is pinned to another plan by now.
    /// What a conversation learned pays and decides later, so only who began it goes on with it; owner and operators may, too.</summary>
    Task<Admitted?> InsertAsync(RunRow row, PlanInForce inForce, string? left, Command? command, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
    {
        var now = RunRecord.Milliseconds(row.CreatedAt);
        var owner = await ConversationTable.LockAsync(connection, transaction, row.App, row.ConversationId, row.PrincipalId, now);
        if (owner is not null && owner != row.PrincipalId && !row.Roles.Any(role => role is Role.Owner or Role.Operator))
            return new Admitted(AdmissionOutcome.Invalid, null, false, Field: "conversationId", Reason: "belongs to another caller; start a new conversation");
        var pin = Kept(await ConversationTable.PinAsync(connection, transaction, row.App, row.ConversationId, IdleSince), inForce, left);
        if (pin.PlanDigest != row.PlanDigest)
            return null;
        if (!await Runs.Runs.InsertAsync(connection, transaction, row))
            return Known((await Runs.Runs.FindAsync(connection, transaction, row.RunId))!, row.RequestDigest);
        var turn = await ConversationTable.EnterAsync(connection, transaction, row.App, row.ConversationId, row.RunId, pin, now);
        // Whoever asks for a person does not wait behind a run that waits itself; such a run leaves the conversation as it is, so it needs no turn.
        var ready = turn == row.RunId || command == Command.Person;
        await Runs.Runs.PlaceAsync(connection, transaction, row.RunId, ready ? now : null, ready ? null : new WaitingFor("conversation", turn));
        return new Admitted(AdmissionOutcome.Created, await Runs.Runs.FindAsync(connection, transaction, row.RunId), ready);
    }, cancellationToken);
}
