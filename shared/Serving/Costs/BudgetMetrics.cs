using System.Diagnostics.Metrics;
using AiOs.Telemetry;

namespace AiOs.Serving.Costs;

/// <summary>What budgets did to calls, counted.</summary>
static class BudgetMetrics
{
    static readonly Counter<long> Refusals = AiOsTelemetry.Meter.CreateCounter<long>("aios.budget.refused", "{call}", "Calls that a hard budget did not cover.");
    static readonly Counter<long> Softs = AiOsTelemetry.Meter.CreateCounter<long>("aios.budget.soft_reached", "{budget}", "Budgets that reached their soft limit.");

    public static void Refused(Budget budget) => Refusals.Add(1, new KeyValuePair<string, object?>("aios.budget", budget.Id));

    public static void SoftLimitReached(Budget budget) => Softs.Add(1, new KeyValuePair<string, object?>("aios.budget", budget.Id));
}
