using AiOs.ControlPlane.Apps;

namespace AiOs.ControlPlane.Admission;

/// <summary>Where admission and schedules find the apps' plans.</summary>
public interface IPlans
{
    /// <summary>The installed apps with the plans in force.</summary>
    Task<IReadOnlyList<PlanInForce>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The plan in force of an app, or null where it is not installed.</summary>
    Task<PlanInForce?> FindAsync(string app, CancellationToken cancellationToken);

    /// <summary>The plan behind a digest; versions that are not in force any more are kept.</summary>
    Task<PlanReading> ReadPlanAsync(string planDigest, CancellationToken cancellationToken);

    /// <summary>Why a plan cannot be run: it or what was built of it is lost, damaged, or made for another encoder; null where it can.</summary>
    Task<string?> RefusalAsync(string planDigest, CancellationToken cancellationToken);
}

/// <summary>The version of an app that new conversations get.</summary>
public sealed record PlanInForce(string App, string Version, string PlanDigest);
