using AiOs.Agents;
using Microsoft.DurableTask;

namespace AiOs.Orchestrations;

/// <summary>Waits for people: opens an approval, then races its answer against its deadline and against cancellation.
/// The events are wake-ups; what was decided is read from the approval's row.</summary>
sealed class ApprovalWait(TaskOrchestrationContext context)
{
    readonly Task<string> cancel = context.WaitForExternalEvent<string>(RunEvents.Cancel);

    /// <summary>Whether somebody asked to cancel the run.</summary>
    public bool Cancelled => cancel.IsCompleted;

    /// <summary>Asks and waits; null where the run was cancelled meanwhile.</summary>
    public async Task<StepResult?> AskAsync(ApprovalCall ask)
    {
        var opened = await context.CallActivityAsync<OpenedApproval>(nameof(ApprovalActivities.OpenApproval), ask, Retries.Infrastructure);
        var answer = context.WaitForExternalEvent<string>(RunEvents.Answered(opened.Id));
        var until = opened.DeadlineUtc;
        while (true)
        {
            await FirstOfAsync(answer, until);
            if (Cancelled) return null;
            var settled = await context.CallActivityAsync<SettledApproval>(nameof(ApprovalActivities.SettleApproval), new SettleCall(ask.Call, ask.Path, opened.Id, ask.OnTimeout), Retries.Infrastructure);
            if (settled.Result is not null) return settled.Result;
            until = settled.DeadlineUtc;
            if (answer.IsCompleted) answer = context.WaitForExternalEvent<string>(RunEvents.Answered(opened.Id));
        }
    }

    async Task FirstOfAsync(Task answer, DateTime until)
    {
        using var over = new CancellationTokenSource();
        var soonest = context.CurrentUtcDateTime.AddSeconds(1);
        await Task.WhenAny(answer, context.CreateTimer(until > soonest ? until : soonest, over.Token), cancel);
#pragma warning disable MA0042 // CancelAsync would await a foreign task, which does not replay
        over.Cancel();
#pragma warning restore MA0042
    }
}
