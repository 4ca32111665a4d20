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
public sealed class Sweeps(Runs runs, Approvals approvals, ScheduleSweep schedules, Arrivals arrivals, ILogger<Sweeps> log)
{
    /// <summary>Younger than this, a thing is still on its ordinary way.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Schedules admitted runs that never started, and wakes runs whose approval was answered unheard. Every 15 seconds.</summary>
    [Function(nameof(SweepRuns))]
    public async Task SweepRuns([TimerTrigger("*/15 * * * * *", RunOnStartup = true)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        _ = timer;
        foreach (var run in await runs.AdmittedButNotStartedAsync(Patience, 500, cancellationToken))
        {
            log.RunSwept(run.RunId);
            await arrivals.StartAsync(run, client);
        }

        foreach (var approval in await approvals.SettledButNotConsumedAsync(Patience, cancellationToken))
            await client.RaiseEventAsync(approval.RunId, RunEvents.Answered(approval.Id), approval.Id, cancellationToken);
    }

    /// <summary>Starts the scheduled runs that are due. Every minute; an instant starts once, however often it is swept.</summary>
    [Function(nameof(SweepSchedules))]
    public async Task SweepSchedules([TimerTrigger("0 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        _ = timer;
        foreach (var due in await schedules.DueAsync(cancellationToken))
        {
            var submission = new Submission(due.App, due.Text, null, null, "schedule", due.IdempotencyKey, Principal.System, null);
            var (_, problem) = await arrivals.AdmitAsync(submission, client, cancellationToken);
            if (problem is not null) log.ScheduleRefused(due.App, problem.Detail);
            await schedules.DoneAsync(due, cancellationToken);
        }
    }
}
