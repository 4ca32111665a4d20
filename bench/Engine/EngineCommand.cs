using System.CommandLine;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Engine;

/// <summary><c>bench engine</c>: the embedded durable engine alone, in this process, on a file with synchronous=FULL.</summary>
static class EngineCommand
{
    const string Waiting = "waitingInstances";

    static readonly string[] usual = ["sequences", "fanOut", "races", "longSequence"];

    public static Command Create()
    {
        var what = new Argument<string[]>("scenario") { Description = $"Which to run (default: all but {Waiting}).", Arity = ArgumentArity.ZeroOrMore };
        what.AcceptOnlyFromAmong([.. usual, Waiting]);
        var repeat = Number("--repeat", "Runs of each scenario; the median counts.", 3);
        var atOnce = Number("--at-once", "Orchestrations under way at once in sequences.", 1000);
        var waiting = Number("--waiting", $"Instances of {Waiting} (1000000 when it is named without); runs it too.", null);
        var folder = new Option<string?>("--folder") { Description = "Where to write (default: artifacts/bench beside the program); it should be on the disk that counts." };
        var json = CommonOptions.Json();
        var command = new Command("engine", "The durable engine in process: sequences, fan-out, races of an event against a timer, one long sequence; a million waiting instances when asked.")
        {
            what, repeat, atOnce, waiting, folder, json,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var wanted = parsed.GetValue(what) is { Length: > 0 } named ? named : usual;
            return RunAsync(
                Scenarios(wanted, parsed.GetValue(atOnce)!.Value),
                parsed.GetValue(repeat)!.Value,
                parsed.GetValue(waiting) ?? (wanted.Contains(Waiting, StringComparer.Ordinal) ? 1_000_000 : null),
                Directory.CreateDirectory(parsed.GetValue(folder) ?? Path.Combine(Root.Path, "artifacts", "bench")).FullName,
                new Shell(parsed.GetValue(json)),
                cancellationToken);
        });
        return command;
    }

    static Option<int?> Number(string name, string description, int? usually)
    {
        var option = new Option<int?>(name) { Description = description, DefaultValueFactory = _ => usually };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1)
                result.AddError($"{name} must be at least 1.");
        });
        return option;
    }

    static List<IScenario> Scenarios(string[] wanted, int atOnce) => [.. new IScenario[] { new Sequences(10_000, atOnce), new FanOut(10_000), new Races(5_000, 200), new LongSequence(10_000) }
        .Where(scenario => wanted.Contains(scenario.Name, StringComparer.Ordinal))];

    static async Task<int> RunAsync(List<IScenario> scenarios, int repeat, int? waiting, string folder, Shell shell, CancellationToken cancellationToken)
    {
        var report = await EngineReport.MeasureAsync(scenarios, repeat, folder, shell, cancellationToken);
        if (waiting is { } instances)
            report = report with { WaitingInstances = await WaitingReport.MeasureAsync(instances, repeat, folder, shell, cancellationToken) };
        shell.Result(report, report.Write);
        return ExitCode.Ok;
    }
}
