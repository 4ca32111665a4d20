using Microsoft.DurableTask.Client;

namespace AiOs.Bench.Engine;

/// <summary>A figure of work that was done wrong is worth nothing.</summary>
static class Outcome
{
    /// <summary>Requires that an orchestration completed with that output.</summary>
    public static void Require<T>(OrchestrationMetadata end, T expected)
    {
        if (end.RuntimeStatus != OrchestrationRuntimeStatus.Completed || !EqualityComparer<T>.Default.Equals(end.ReadOutputAs<T>(), expected))
            throw new InvalidOperationException($"{end.Name} {end.InstanceId} ended {end.RuntimeStatus} with {end.SerializedOutput}, not with {expected}.");
    }
}
