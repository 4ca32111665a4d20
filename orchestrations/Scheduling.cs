using AiOs.ControlPlane.Runs;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Orchestrations;

/// <summary>How orchestrations are started: under the run's own id, and never a second time. The backend is not relied on to deduplicate.</summary>
public static class Scheduling
{
    static readonly OrchestrationRuntimeStatus[] Any =
    [
        OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended,
        OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated,
    ];

    extension(DurableTaskClient client)
    {
        /// <summary>Schedules a run's orchestration, unless there is one.</summary>
        public Task ScheduleRunAsync(RunStart start) => client.ScheduleOnceAsync(nameof(RunAppOrchestrator.RunApp), start, start.RunId);

        /// <summary>Schedules a deployment's orchestration, unless there is one.</summary>
        public Task ScheduleDeploymentAsync(DeployStart start) => client.ScheduleOnceAsync(nameof(DeployAppOrchestrator.DeployApp), start, start.RunId);

        async Task ScheduleOnceAsync(string orchestrator, object input, string instanceId)
        {
            if (await client.GetInstanceAsync(instanceId, getInputsAndOutputs: false, CancellationToken.None) is not null) return;
            await client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, new StartOrchestrationOptions(instanceId).WithDedupeStatuses(Any), CancellationToken.None);
        }
    }
}
