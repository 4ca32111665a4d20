using System.Globalization;
using Spectre.Console;

namespace AiOs.Bench.Engine;

/// <summary>The runs of one scenario.</summary>
/// <param name="Name">The scenario's.</param>
/// <param name="Unit">What was counted.</param>
/// <param name="Count">How many of them one run made.</param>
/// <param name="PerSecond">How many a second.</param>
/// <param name="SyncsPerUnit">How often the engine made its file durable for each.</param>
/// <param name="Runs">Every run.</param>
sealed record ScenarioReport(string Name, string Unit, int Count, Spread PerSecond, double SyncsPerUnit, IReadOnlyList<ScenarioRun> Runs)
{
    public static ScenarioReport Of(IScenario scenario, IReadOnlyList<ScenarioRun> runs) => new(
        scenario.Name,
        scenario.Unit,
        scenario.Count,
        Spread.Of(runs.Select(run => run.PerSecond)),
        Spread.Of(runs.Select(run => (double)(run.Work.Commits + run.Work.Settlements) / scenario.Count)).Median,
        runs);

    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console) => console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{Name}: {PerSecond.Median:0}/s ({PerSecond.Lowest:0} to {PerSecond.Highest:0} in {Runs.Count} runs of {Count} {Unit}), {SyncsPerUnit:0.000} syncs each"));
}
