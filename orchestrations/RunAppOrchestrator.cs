using AiOs.Agents;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace AiOs.Orchestrations;

/// <summary>One run of an app: loads the pinned plan into the history and walks its steps.</summary>
public static class RunAppOrchestrator
{
    /// <summary>The only plan schema that this interpreter reads. A new schema gets a new branch here, so that histories written under this one still replay.</summary>
    public const int PlanSchema = 1;

    /// <summary>Runs one message through its plan. Input: <see cref="RunStart"/>. A run that failed is Failed for Durable too.</summary>
    [Function(nameof(RunApp))]
    public static async Task<RunEnd> RunApp([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var start = context.GetInput<RunStart>() ?? throw new InvalidOperationException("RunApp was started without a RunStart.");
        var end = await RunAsync(context, start);
        return end.Status is RunStatus.Failed or RunStatus.UndoFailed ? throw new RunFailedException(end.Reason ?? "The run failed.") : end;
    }

    static async Task<RunEnd> RunAsync(TaskOrchestrationContext context, RunStart start)
    {
        RunWalk walk;
        try
        {
            var plan = await context.CallActivityAsync<Plan>(nameof(RunActivities.LoadPlan), start, Retries.Infrastructure);
            if (plan.Schema != PlanSchema) throw new InvalidOperationException($"Plan schema {plan.Schema} is not known here; this version reads schema {PlanSchema}.");
            var begin = await context.CallActivityAsync<RunBegin>(nameof(RunActivities.BeginRun), start, Retries.Infrastructure);
            if (begin.Ended) return new(RunStatus.Cancelled, "The run had ended before it began.");
            walk = new RunWalk(context, start, plan, begin);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var failed = new RunEnd(RunStatus.Failed, $"The run could not begin: {Failures.Reason(e)}");
            await context.CallActivityAsync(nameof(RunActivities.FinishRun), new FinishCall(start, failed, new Dictionary<string, StepResult>(StringComparer.Ordinal), [], 0, start.TraceParent), Retries.Insist);
            return failed;
        }

        return await walk.RunAsync();
    }
}

/// <summary>How a run ended: its status and, where it did not complete, why.</summary>
public sealed record RunEnd(RunStatus Status, string? Reason);

/// <summary>Marks the orchestration of a failed run as Failed; the reason holds no personal data.</summary>
public sealed class RunFailedException(string message) : Exception(message);
