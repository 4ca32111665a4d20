using System.Globalization;
using Spectre.Console;

namespace AiOs.Bench.Engine;

/// <summary>The runs of one scenario.</summary>
sealed record ScenarioReport(string Name, string Unit, int Count, Spread PerSecond, double SyncsPerUnit, IReadOnlyList<ScenarioRun> Runs);

/// <summary>What <c>aios bench engine</c> found. Figures are medians; null where a scenario was not asked for.</summary>
sealed record EngineReport(
    Machine Machine,
    double? LoadAfter,
    Spread DiskSyncsPerSecond,
    double? SequencesPerSecond,
    double? FanOutPerSecond,
    double? RacesPerSecond,
    double? SequentialEndToStart,
    IReadOnlyList<ScenarioReport> Scenarios)
{
    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console)
    {
        console.WriteLine(Machine.ToString());
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The disk gives {DiskSyncsPerSecond.Median:0} syncs/s (fdatasync of 4 KiB; {DiskSyncsPerSecond.Lowest:0} to {DiskSyncsPerSecond.Highest:0})."));
        foreach (var scenario in Scenarios)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{scenario.Name}: {scenario.PerSecond.Median:0}/s ({scenario.PerSecond.Lowest:0} to {scenario.PerSecond.Highest:0} in {scenario.Runs.Count} runs of {scenario.Count} {scenario.Unit}), {scenario.SyncsPerUnit:0.000} syncs each"));
        if (SequentialEndToStart is { } ratio)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A step at the end of longSequence takes {ratio:0.00}x one at its start."));
    }
}
