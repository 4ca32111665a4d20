using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using AiOs.Security;
using AiOs.Telemetry;
using Microsoft.Extensions.Logging;

namespace AiOs.Agents.Actions;

/// <summary>
/// Does actions. However often one is tried, after crashes too, what cannot be repeated is not: every action has one key and one row, and a row that says "sent" is sent again only where its connector
/// says that this is harmless (key, natural), where a probe says that nothing happened (probe), and never with <see cref="Idempotency.None"/>.
/// </summary>
/// <remarks>
/// A success (2xx) whose body is neither JSON nor empty, or too long, is no proof: a portal or proxy may have answered. It counts like a broken connection: tried again where that is safe,
/// asked about where there is a probe, and otherwise unknown.
/// </remarks>
public sealed class ActionRunner(ActionLedger ledger, RequestTemplate template, Outbound outbound, Masking masking, TimeProvider clock, ILogger<ActionRunner> log)
{
    readonly ConcurrentDictionary<string, Lazy<Task<ActionResult>>> underWay = new(StringComparer.Ordinal);

    /// <summary>Does the action, or returns how it ended before.</summary>
    public Task<ActionResult> RunAsync(ActionRequest request, CancellationToken cancellationToken) =>
        OnceAsync(new Deed(request, request.Connector, request.Key, null), cancellationToken);

    /// <summary>Takes an action back with <paramref name="undo"/>, which sees the action's arguments and, as <c>result</c>, its answer. The undo has its own retries and its own row; what never left the house needs none.
    /// <see cref="ActionOutcome.Undone"/> where it worked; else Failed or Unknown with the reason.</summary>
    public async Task<ActionResult> UndoAsync(ActionRequest request, Connector undo, CancellationToken cancellationToken)
    {
        var key = request.Key + ActionKey.UndoSuffix;
        var done = await ledger.GetAsync(request.Key, cancellationToken);
        return done is null or { State: ActionState.Intended } or { State: ActionState.Failed, MayHaveHappened: false }
            ? new(ActionOutcome.Undone, key, Reason: "There was nothing to undo.")
            : await OnceAsync(new Deed(request, undo, key, done), cancellationToken);
    }

    /// <summary>Settles an unknown action (or undo) by what a person found out. Returns what is stored then; an action that is not unknown stays as it is. Null where there is none with this key.</summary>
    /// <param name="key">The action's key.</param>
    /// <param name="verdict">What the person found.</param>
    /// <param name="by">The person's principal id.</param>
    /// <param name="comment">What the person says; masked before it is stored.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ActionResult?> ResolveUnknownAsync(string key, ActionVerdict verdict, string by, string? comment, CancellationToken cancellationToken)
    {
        if (await ledger.GetAsync(key, cancellationToken) is not { } row)
            return null;
        if (row.State != ActionState.Unknown)
            return row.ToResult();
        var masked = comment is null ? null : (await masking.MaskAsync(row.App, comment, MaskKinds.All, cancellationToken)).Text;
        return (await ledger.ResolveAsync(key, verdict == ActionVerdict.Happened ? ActionState.Done : ActionState.Failed, by, masked, cancellationToken))?.ToResult();
    }

    /// <summary>Two calls for one key in this process are one: the second waits for the first.</summary>
    async Task<ActionResult> OnceAsync(Deed deed, CancellationToken cancellationToken)
    {
        var mine = new Lazy<Task<ActionResult>>(TellAndForgetAsync);
        return await underWay.GetOrAdd(deed.Key, mine).Value.WaitAsync(cancellationToken);

        async Task<ActionResult> TellAndForgetAsync()
        {
            try
            {
                return await TellAsync(deed, cancellationToken);
            }
            finally
            {
                underWay.TryRemove(deed.Key, out _);
            }
        }
    }

    async Task<ActionResult> TellAsync(Deed deed, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        using var span = ActionTelemetry.Begin(deed.Request, deed.Connector, deed.Key);
        var row = await ledger.IntendAsync(deed.Request, deed.Connector, deed.Key, deed.Undone?.Key, cancellationToken);
        if (!row.HasEnded)
            row = await DoAsync(deed, row, cancellationToken);
        var result = row.ToResult();
        ActionTelemetry.End(span, deed.Connector, result, clock.GetElapsedTime(began));
        log.ActionEnded(row.RunId, row.Step, deed.Connector.Name, result.Outcome, row.Attempts);
        return result;
    }

    async Task<ActionRow> DoAsync(Deed deed, ActionRow row, CancellationToken cancellationToken)
    {
        var connector = deed.Connector;
        // Found in "sent": the process ended in the middle of a request.
        var inDoubt = row.State == ActionState.Sent && connector.Effect != Effect.Reads;
        if (inDoubt && connector.Idempotency == Idempotency.None)
            return await EndAsync(deed, ActionState.Unknown, "The request may have been sent before the process ended, and it must not be sent twice.");
        FilledRequest request;
        Hidden hidden;
        try
        {
            request = await template.FillAsync(deed.Request.App, connector.Request, deed.Variables, cancellationToken);
            // The other side knows from the action what the undo of it does not say again.
            hidden = deed.Undone is null ? request.Hidden : request.Hidden.And(await template.HiddenInAsync(deed.Request.Arguments, cancellationToken));
        }
        catch (RequestException e)
        {
            return await EndAsync(deed, inDoubt ? ActionState.Unknown : ActionState.Failed, e.Message);
        }

        for (var attempt = 1; ; attempt++)
        {
            if (inDoubt && connector.Idempotency == Idempotency.Probe)
            {
                var (found, answer, reason, asked) = await ProbeAsync(deed, cancellationToken);
                if (found is null)
                    return await EndAsync(deed, ActionState.Unknown, reason is null ? null : await ActionAnswers.ReasonAsync(masking, hidden.And(asked), deed.Request.App, reason, CancellationToken.None));
                if (found.Value)
                    return await EndAsync(deed, ActionState.Done, null, answer, hidden: hidden.And(asked));
                inDoubt = false;
                if (attempt > connector.Retry.Attempts)
                    return await EndAsync(deed, ActionState.Failed, "The host did not take the request; the probe says that it did not happen.");
            }

            await ledger.SentAsync(deed.Key, cancellationToken);
            var tried = await SendAsync(deed, request, cancellationToken);
            switch (tried.Kind)
            {
                case AttemptKind.Answered:
                    return await EndAsync(deed, ActionState.Done, null, tried.Body, hidden: hidden);
                case AttemptKind.Rejected when deed.Undone is { State: not ActionState.Done } && tried.Status is 404 or 409 or 410:
                    return await EndAsync(deed, ActionState.Done, "There was nothing to undo.");
                case AttemptKind.Rejected or AttemptKind.Refused:
                    var said = await ActionAnswers.RefusalAsync(masking, hidden, deed.Request.App, tried.Body, CancellationToken.None);
                    return await EndAsync(deed, ActionState.Failed, said is null ? tried.Reason : $"{tried.Reason.TrimEnd('.')}: {said}", mayHaveHappened: inDoubt);
                case AttemptKind.Broken when connector.Effect != Effect.Reads:
                    if (connector.Idempotency == Idempotency.None)
                        return await EndAsync(deed, ActionState.Unknown, tried.Reason);
                    inDoubt = true;
                    break;
            }

            if (attempt >= connector.Retry.Attempts && !(inDoubt && connector.Idempotency == Idempotency.Probe))
                return await EndAsync(deed, ActionState.Failed, attempt == 1 ? tried.Reason : $"{tried.Reason} Given up after {attempt.ToString(CultureInfo.InvariantCulture)} attempts.", mayHaveHappened: inDoubt);
            log.ActionRetried(deed.Request.RunId, deed.Request.StepPath, connector.Name, attempt, tried.Reason);
            await Task.Delay(Backoff.After(attempt, connector.Retry.Backoff, tried.RetryAfter), clock, cancellationToken);
        }

    }

    /// <summary>Writes down the end; who knows it does not let a shutdown take it away.</summary>
    async Task<ActionRow> EndAsync(Deed deed, ActionState state, string? reason, JsonElement? body = null, bool mayHaveHappened = false, Hidden? hidden = null) => await ledger.EndAsync(deed.Key, state,
        state == ActionState.Done ? await ActionAnswers.ResultAsync(masking, hidden ?? Hidden.Nothing, deed.Request.App, body, CancellationToken.None) : null, reason, mayHaveHappened, CancellationToken.None);

    Task<Attempt> SendAsync(Deed deed, FilledRequest request, CancellationToken cancellationToken)
    {
        ActionTelemetry.Request(deed.Connector);
        var writes = deed.Connector.Effect != Effect.Reads;
        return outbound.SendAsync(request.ToMessage(writes ? deed.Key : null), writes && deed.Connector.Idempotency is Idempotency.None or Idempotency.Probe, deed.Connector.Timeout, cancellationToken);
    }

    /// <summary>Asks the connector's probe whether the action happened; null where it gives no clear answer.</summary>
    async Task<(bool? Found, JsonElement? Answer, string? Reason, Hidden Hidden)> ProbeAsync(Deed deed, CancellationToken cancellationToken)
    {
        if (deed.Connector.Probe is not { } probe)
            return (null, null, "The connector has no probe.", Hidden.Nothing);
        var reason = "";
        for (var attempt = 1; attempt <= Math.Max(deed.Connector.Retry.Attempts, 2); attempt++)
        {
            if (attempt > 1)
                await Task.Delay(Backoff.After(attempt - 1, deed.Connector.Retry.Backoff, null), clock, cancellationToken);
            try
            {
                var request = await template.FillAsync(deed.Request.App, probe.Request, deed.Variables, cancellationToken);
                ActionTelemetry.Request(deed.Connector);
                var tried = await outbound.SendAsync(request.ToMessage(null), ownConnection: false, deed.Connector.Timeout, cancellationToken);
                if (tried.Kind is AttemptKind.Answered or AttemptKind.Rejected)
                {
                    var (found, answer, flaw) = deed.Judge(probe, tried);
                    return (found, answer, flaw, request.Hidden);
                }

                reason = tried.Reason;
            }
            catch (RequestException e)
            {
                return (null, null, e.Message, Hidden.Nothing);
            }
        }

        return (null, null, "The probe gives no answer: " + reason, Hidden.Nothing);
    }
}
