using AiOs.ControlPlane.Runs;
using AiOs.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Functions;

/// <summary>Deployments that were recorded and whose scheduling a crash prevented are found here and scheduled.</summary>
public sealed class DeploySweep(Runs runs, DeployArrivals deployments, ILogger<DeploySweep> log)
{
    /// <summary>Younger than this, a deployment is still on its ordinary way.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Schedules deployments that have not done anything yet; one that is only slow to begin is scheduled already, and stays so. Every 15 seconds.</summary>
    [Function(nameof(SweepDeployments))]
    public async Task SweepDeployments([TimerTrigger("*/15 * * * * *", RunOnStartup = true)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        _ = timer;
        foreach (var deployment in await runs.DeploymentsNotBegunAsync(Patience, 100, cancellationToken))
        {
            log.RunSwept(deployment.RunId);
            await deployments.StartAsync(deployment, client);
        }
    }
}
