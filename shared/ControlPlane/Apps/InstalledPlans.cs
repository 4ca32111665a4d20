using AiOs.ControlPlane.Admission;

namespace AiOs.ControlPlane.Apps;

/// <summary>The installed apps as admission and schedules see them.</summary>
public sealed class InstalledPlans(InstalledApps apps, PartCheck parts) : IPlans
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlanInForce>> ListAsync(CancellationToken cancellationToken) => [.. (await apps.ListAsync(cancellationToken)).Select(InForce)];

    /// <inheritdoc/>
    public async Task<PlanInForce?> FindAsync(string app, CancellationToken cancellationToken) => await apps.FindAsync(app, cancellationToken) is { } found ? InForce(found) : null;

    /// <inheritdoc/>
    public Task<PlanReading> ReadPlanAsync(string planDigest, CancellationToken cancellationToken) => apps.ReadPlanAsync(planDigest, cancellationToken);

    /// <inheritdoc/>
    public async Task<string?> RefusalAsync(string planDigest, CancellationToken cancellationToken) =>
        await parts.RefusedAsync(planDigest, cancellationToken) is { Count: > 0 } refused ? string.Join(' ', refused.Select(part => $"{part.Step}: {part.Reason}")) : null;

    static PlanInForce InForce(InstalledApp app) => new(app.Name, app.Version, app.PlanDigest);
}
