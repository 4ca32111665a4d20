using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Runs;
using AiOs.ControlPlane.Schedules;
using AiOs.Orchestrations;
using AiOs.Policies.Approvals;
using AiOs.Security;
using AiOs.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Functions;

/// <summary>What a crash or a lost wake-up left behind is found here and set going again.</summary>
public sealed class Sweeps(Runs runs, Approvals approvals, ScheduleSweep schedules, Arrivals arrivals, Reconciliation reconciliation, ILogger<Sweeps> log)
{
    /// <summary>Younger than this, a thing is still on its ordinary way.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A run whose orchestration is over or missing for so long will not end by itself.</summary>
    static readonly TimeSpan Orphaned = TimeSpan.FromMinutes(3);

    /// <summary>Schedules admitted runs that never started, wakes runs whose approval was answered unheard, and closes runs whose orchestration is gone. Every 15 seconds.</summary>
    [Function(nameof(SweepRuns))]
    public async Task SweepRuns([TimerTrigger("*/15 * * * * *", RunOnStartup = true)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        _ = timer;
        await EachAsync("runs not started", () => runs.AdmittedButNotStartedAsync(Patience, 500, cancellationToken), run => run.RunId, run =>
        {
            log.RunSwept(run.RunId);
            return arrivals.StartAsync(run, client);
        });
        await EachAsync("approvals unheard", () => approvals.SettledButNotConsumedAsync(Patience, cancellationToken), approval => approval.Id,
            approval => client.RaiseEventAsync(approval.RunId, RunEvents.Answered(approval.Id), approval.Id, cancellationToken));
        await EachAsync("runs not ended", () => runs.StartedButNotEndedAsync(Orphaned, 100, cancellationToken), run => run.RunId, run => reconciliation.CloseIfOrphanedAsync(run, client, cancellationToken));
    }

    /// <summary>Starts the scheduled runs that are due. Every minute; an instant starts once, however often it is swept.</summary>
    [Function(nameof(SweepSchedules))]
    public async Task SweepSchedules([TimerTrigger("0 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        _ = timer;
        var open = new HashSet<string>(StringComparer.Ordinal);
        await EachAsync("schedules", () => schedules.DueAsync(cancellationToken), due => due.App, async due =>
        {
            // What is done marks everything before it as done, so after a failure the rest of that app waits for the next sweep.
            if (!open.Add(due.App)) return;
            var submission = new Submission(due.App, due.Text, null, null, "schedule", due.IdempotencyKey, Principal.System, null);
            var (_, problem) = await arrivals.AdmitAsync(submission, client, cancellationToken);
            if (problem is not null) log.ScheduleRefused(due.App, problem.Detail);
            await schedules.DoneAsync(due, cancellationToken);
            open.Remove(due.App);
        });
    }

    /// <summary>One item that fails does not keep the sweep from the others; the next sweep finds it again.</summary>
    async Task EachAsync<T>(string what, Func<Task<IReadOnlyList<T>>> find, Func<T, string> name, Func<T, Task> handle)
    {
        try
        {
            foreach (var found in await find())
                try
                {
                    await handle(found);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    log.SweepFailed(name(found), e);
                }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.SweepFailed(what, e);
        }
    }
}
