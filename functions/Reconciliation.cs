using AiOs.Agents.Actions;
using AiOs.ControlPlane.Runs;
using AiOs.Policies.Approvals;
using AiOs.Telemetry;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Functions;

/// <summary>Closes runs (deployments too) whose orchestration is gone or over while their row says that they are under way: terminated by the break-glass API, purged, never scheduled, or broken where it could not say so.</summary>
public sealed class Reconciliation(Runs runs, Approvals approvals, ActionLedger ledger, Arrivals arrivals, ILogger<Reconciliation> log)
{
    /// <summary>The run ends as failed: nobody can answer its questions any more, what it did is told from the ledger and not taken back, and the next run of its conversation gets its turn.</summary>
    public async Task CloseIfOrphanedAsync(RunRow run, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var instance = await client.GetInstanceAsync(run.RunId, getInputsAndOutputs: false, cancellationToken);
        if (instance is { IsCompleted: false }) return;
        await approvals.VoidForRunAsync(run.RunId, cancellationToken);
        var rows = await ledger.OfRunAsync(run.RunId, cancellationToken);
        var actions = rows.Where(row => row.UndoOf is null).Select(row => new OutcomeAction(row.Step, row.Connector, Status(row, rows), row.Key)).ToList();
        var how = instance is null ? "is missing" : $"ended ({instance.RuntimeStatus.ToString().ToLowerInvariant()}) outside its plan";
        var reason = $"The orchestration of this run {how}.{(actions.Exists(action => action.Status is "done" or "unknown") ? " What it had done was not taken back." : "")}";
        var finished = await runs.FinishAsync(run.ToOutcome() with { Status = RunStatus.Failed, Reason = reason, Actions = actions }, null, cancellationToken);
        if (finished.First) log.RunReconciled(run.RunId);
        if (finished.Next is { } next) await arrivals.StartAsync(next, client);
    }

    static string Status(ActionRow row, IReadOnlyList<ActionRow> all) =>
        all.Any(undo => undo.UndoOf == row.Key && undo.State == ActionState.Done) ? "undone" : row switch
        {
            { State: ActionState.Done } => "done",
            { State: ActionState.Intended or ActionState.Failed, MayHaveHappened: false } => "failed",
            _ => "unknown",
        };
}
