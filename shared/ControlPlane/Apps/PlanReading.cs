namespace AiOs.ControlPlane.Apps;

/// <summary>A plan, or why there is none to be read.</summary>
/// <param name="Plan">The plan; null where it is lost or damaged.</param>
/// <param name="Damage">What is wrong with it, with its digest; null where nothing is.</param>
public readonly record struct PlanReading(Plan? Plan, string? Damage);
