using System.Globalization;
using AiOs.Local.CommandLine;
using Spectre.Console;

namespace AiOs.Bench.Engine;

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
    /// <summary>The file full of waiting instances, when asked for.</summary>
    public WaitingReport? WaitingInstances { get; init; }

    /// <summary>Runs all scenarios in turn, so many times, with a look at the disk before each round.</summary>
    public static async Task<EngineReport> MeasureAsync(IReadOnlyList<IScenario> scenarios, int repeat, string folder, Shell shell, CancellationToken cancellationToken)
    {
        var machine = Machine.Describe(folder);
        shell.Note(machine.ToString());
        var runs = scenarios.ToDictionary(scenario => scenario, _ => new List<ScenarioRun>());
        List<double> disk = [], endToStart = [];
        for (var round = 0; round < repeat; round++)
        {
            disk.Add(Disk.SyncsPerSecond(folder));
            foreach (var scenario in scenarios)
            {
                var run = await ScenarioRun.MeasureAsync(scenario, folder, cancellationToken);
                runs[scenario].Add(run);
                if (scenario is LongSequence sequence)
                    endToStart.Add(sequence.EndToStart());
                shell.Note(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}: {run.PerSecond:0}/s, {run.Work.Commits + run.Work.Settlements} syncs, disk {disk[^1]:0} syncs/s, load {Machine.LoadNow():0.0}"));
            }
        }
        disk.Add(Disk.SyncsPerSecond(folder));
        List<ScenarioReport> reports = [.. scenarios.Select(scenario => ScenarioReport.Of(scenario, runs[scenario]))];
        return new(
            machine, Machine.LoadNow(), Spread.Of(disk), Median("sequences"), Median("fanOut"), Median("races"),
            endToStart.Count > 0 ? Spread.Of(endToStart).Median : null, reports);

        double? Median(string name) => reports.Find(report => string.Equals(report.Name, name, StringComparison.Ordinal))?.PerSecond.Median;
    }

    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console)
    {
        console.WriteLine(Machine.ToString());
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"The disk gives {DiskSyncsPerSecond.Median:0} syncs/s (fdatasync of 4 KiB; {DiskSyncsPerSecond.Lowest:0} to {DiskSyncsPerSecond.Highest:0})."));
        foreach (var scenario in Scenarios)
            scenario.Write(console);
        if (SequentialEndToStart is { } ratio)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A step at the end of longSequence takes {ratio:0.00}x one at its start."));
        WaitingInstances?.Write(console);
    }
}
