using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Bench.Engine;

/// <summary>One run of a scenario on a new file.</summary>
/// <param name="Seconds">What it took, without a warm-up of a twentieth.</param>
/// <param name="PerSecond">How many a second.</param>
/// <param name="Work">What the engine wrote for it.</param>
sealed record ScenarioRun(double Seconds, double PerSecond, EngineCounts Work)
{
    public static async Task<ScenarioRun> MeasureAsync(IScenario scenario, string folder, CancellationToken cancellationToken)
    {
        using var place = new Workplace(folder);
        var tasks = new DurableTaskRegistry();
        scenario.Register(tasks);
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var engine = new DurableEngine(tasks, services, new DurableEngineOptions { Path = place.File("durable.db") }, NullLoggerFactory.Instance);
        await engine.StartAsync(cancellationToken);
        await scenario.RunAsync(engine.Client, Math.Max(1, scenario.Count / 20), cancellationToken);
        var before = engine.Counts;
        var began = TimeProvider.System.GetTimestamp();
        await scenario.RunAsync(engine.Client, scenario.Count, cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return new(seconds, scenario.Count / seconds, engine.Counts.Since(before));
    }
}
