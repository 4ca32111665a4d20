using System.CommandLine;
using System.Globalization;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Engine;

/// <summary><c>bench engine</c>: the embedded durable engine alone, in this process, on a file with synchronous=FULL.</summary>
static class EngineCommand
{
    static readonly string[] names = ["sequences", "fanOut", "races", "longSequence"];

    public static Command Create()
    {
        var what = new Argument<string[]>("scenario") { Description = "Which to run (default: all).", Arity = ArgumentArity.ZeroOrMore };
        what.AcceptOnlyFromAmong(names);
        var repeat = new Option<int>("--repeat") { Description = "Runs of each scenario; the median counts.", DefaultValueFactory = _ => 3 };
        var atOnce = new Option<int>("--at-once") { Description = "Orchestrations under way at once in sequences.", DefaultValueFactory = _ => 1000 };
        var folder = new Option<string?>("--folder") { Description = "Where to write (default: artifacts/bench beside the program); it should be on the disk that counts." };
        foreach (var number in new[] { repeat, atOnce })
            number.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                    result.AddError($"{number.Name} must be at least 1.");
            });
        var json = CommonOptions.Json();
        var command = new Command("engine", "The durable engine in process: sequences, fan-out, races of an event against a timer, one long sequence.") { what, repeat, atOnce, folder, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(what) is { Length: > 0 } some ? some : names,
            parsed.GetValue(repeat),
            parsed.GetValue(atOnce),
            Directory.CreateDirectory(parsed.GetValue(folder) ?? Path.Combine(Root.Path, "artifacts", "bench")).FullName,
            new Shell(parsed.GetValue(json)),
            cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(string[] wanted, int repeat, int atOnce, string folder, Shell shell, CancellationToken cancellationToken)
    {
        var machine = Machine.Describe(folder);
        shell.Note(machine.ToString());
        var longSequence = new LongSequence(10_000);
        IScenario[] scenarios = [.. new IScenario[] { new Sequences(10_000, atOnce), new FanOut(10_000), new Races(5_000, 200), longSequence }
            .Where(scenario => wanted.Contains(scenario.Name, StringComparer.Ordinal))];
        var runs = scenarios.ToDictionary(scenario => scenario.Name, _ => new List<ScenarioRun>(), StringComparer.Ordinal);
        List<double> disk = [], endToStart = [];
        for (var round = 0; round < repeat; round++)
        {
            disk.Add(Disk.SyncsPerSecond(folder));
            foreach (var scenario in scenarios)
            {
                var run = await ScenarioRun.MeasureAsync(scenario, folder, cancellationToken);
                runs[scenario.Name].Add(run);
                if (scenario == longSequence)
                    endToStart.Add(longSequence.EndToStart());
                shell.Note(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}: {run.PerSecond:0}/s, {run.Work.Commits} syncs, disk {disk[^1]:0}/s, load {Machine.LoadNow():0.0}"));
            }
        }
        disk.Add(Disk.SyncsPerSecond(folder));
        var reports = scenarios.Select(scenario => Report(scenario, runs[scenario.Name])).ToList();
        var report = new EngineReport(
            machine, Machine.LoadNow(), Spread.Of(disk), Median("sequences"), Median("fanOut"), Median("races"), endToStart.Count > 0 ? Spread.Of(endToStart).Median : null, reports);
        shell.Result(report, report.Write);
        return ExitCode.Ok;

        double? Median(string name) => reports.Find(report => report.Name == name)?.PerSecond.Median;
    }

    static ScenarioReport Report(IScenario scenario, List<ScenarioRun> runs) => new(
        scenario.Name,
        scenario.Unit,
        scenario.Count,
        Spread.Of(runs.Select(run => run.PerSecond)),
        Spread.Of(runs.Select(run => (double)run.Work.Commits / scenario.Count)).Median,
        runs);
}
