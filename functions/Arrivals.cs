using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.Functions.Http;
using AiOs.Orchestrations;
using AiOs.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Functions;

/// <summary>The one way in for every channel: admits a submission and schedules its run. What was admitted but not scheduled, the sweeper schedules.</summary>
public sealed class Arrivals(Admission admission, Runs runs, ILogger<Arrivals> log)
{
    /// <summary>Admits <paramref name="submission"/>; either a run (new, or the one that the same request made before) or the reason why not.</summary>
    public async Task<(RunRow? Run, Problem? Problem)> AdmitAsync(Submission submission, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var admitted = await admission.AdmitAsync(submission, cancellationToken);
        switch (admitted.Outcome)
        {
            case AdmissionOutcome.Created when admitted.StartNow:
                await StartAsync(admitted.Run!, client);
                return (admitted.Run, null);
            case AdmissionOutcome.Created or AdmissionOutcome.Existing:
                await CallOffAsync(admitted.Run!, submission, client, cancellationToken);
                return (admitted.Run, null);
            case AdmissionOutcome.Conflict:
                return (null, Problem.Conflict("This Idempotency-Key was used before with another request. Use a new key for a new request, or send the same request again."));
            case AdmissionOutcome.UnknownApp:
                return (null, Problem.NotFound($"There is no app '{submission.App}'. GET /api/apps lists those installed."));
            case AdmissionOutcome.Unusable:
                return (null, Problem.Unreadable(submission.App, admitted.Reason));
            case AdmissionOutcome.TooMany:
                return (null, Problem.TooMany(admitted.RetryAfter ?? TimeSpan.FromSeconds(1)));
            case AdmissionOutcome.Invalid:
                return (null, Problem.BadField(admitted.Field!, admitted.Reason!));
            case AdmissionOutcome.TooLarge:
                return (null, new(StatusCodes.Status413PayloadTooLarge, "A field is too large.", $"{admitted.Field}: {admitted.Reason}") { Fields = [new(admitted.Field!, admitted.Reason!)] });
            default:
                return (null, new(StatusCodes.Status503ServiceUnavailable, "The app is stopped.", $"An operator has stopped '{submission.App}'; nothing was started.") { RetryAfter = admitted.RetryAfter ?? TimeSpan.FromMinutes(1) });
        }
    }

    /// <summary>"Cancel" waits for its turn like any message; what it is about is before it in the conversation and is cancelled at once, the latest first. Safe to repeat.</summary>
    async Task CallOffAsync(RunRow run, Submission submission, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (run.WaitingFor is not { Kind: "conversation" } || Commands.Find(submission.Channel, submission.Text) != Command.Cancel) return;
        foreach (var earlier in await runs.EarlierInConversationAsync(run, cancellationToken))
            if (await runs.CancelBeforeStartAsync(earlier.RunId, "Cancelled on request.", cancellationToken) is { } ended)
            {
                if (ended.Next is { } next) await StartAsync(next, client);
            }
            else await client.RaiseEventAsync(earlier.RunId, RunEvents.Cancel, submission.Principal.Id, cancellationToken);
    }

    /// <summary>Schedules the orchestration of an admitted run; safe to repeat. A backend that is away is logged: the run is admitted, the sweeper tries again.</summary>
    public async Task StartAsync(RunRow run, DurableTaskClient client)
    {
        try
        {
            await client.ScheduleRunAsync(run.ToStart());
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.RunNotScheduled(run.RunId, e);
        }
    }
}
