using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace AiOs.Local.CommandLine.Crash;

/// <summary><c>crash</c>: a drill that kills the durable engine in the middle of its work, again and again, and counts what is lost or done twice.</summary>
static class CrashCommand
{
    public static Command Create()
    {
        var kills = new Option<int>("--kills") { Description = "How often the engine's process is killed (1-10,000).", DefaultValueFactory = _ => 20 };
        var orchestrations = new Option<int>("--orchestrations") { Description = "How many orchestrations, of seven kinds in turn (20-100,000).", DefaultValueFactory = _ => 2000 };
        var seed = new Option<int?>("--seed") { Description = "Gives the same moments of the kills again (default: another one each time)." };
        var data = new Option<string?>("--data") { Description = "The folder for the engine's file crash.db, which is kept (default: a temporary one)." };
        var json = CommonOptions.Json();
        var command = new Command("crash", """
            Kill the durable engine (SIGKILL) in the middle of its work, again and again, and count what is lost or done twice.
            An observer outside of the engine's process notes every acknowledged start and event and every execution of an activity, each
            with a receipt that goes into the results. Lost: acknowledged, but missing, unfinished or with a result that was not done.
            Completed twice: an end that was recorded again, two recorded results of one activity, an activity that ran again after its
            result was recorded, an entity that counted an operation twice. An activity without a recorded result may run again.
            A kill leaves the operating system's page cache alive: this drill does not show a loss of power. Exit code 1 when anything is lost or done twice.
            """) { kills, orchestrations, seed, data, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(kills), parsed.GetValue(orchestrations), parsed.GetValue(seed) ?? Random.Shared.Next(1, 1_000_000), parsed.GetValue(data), new Shell(parsed.GetValue(json)), cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(int kills, int orchestrations, int seed, string? data, Shell shell, CancellationToken cancellationToken)
    {
        if (kills is < 1 or > 10_000) throw new CommandException("--kills must be from 1 to 10,000.", ExitCode.Usage);
        if (orchestrations is < 20 or > 100_000) throw new CommandException("--orchestrations must be from 20 to 100,000.", ExitCode.Usage);
        var folder = data is null ? Directory.CreateTempSubdirectory("aios-crash-").FullName : Directory.CreateDirectory(data).FullName;
        var file = Path.Combine(folder, "crash.db");
        if (File.Exists(file)) throw new CommandException($"{file} exists from an earlier drill. Delete it, or name another folder with --data.", ExitCode.Usage);
        try
        {
            var report = await ShowAsync(new(file, kills, orchestrations, seed), shell, cancellationToken);
            shell.Result(report, console => Write(console, report));
            return report is { Lost: 0, CompletedTwice: 0 } && report.Kills == kills && report.Completed == orchestrations ? ExitCode.Ok : ExitCode.Failed;
        }
        finally
        {
            if (data is null) Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<DrillReport> ShowAsync(DrillOptions options, Shell shell, CancellationToken cancellationToken)
    {
        DrillReport? report = null;
        await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async progress =>
        {
            var killed = progress.AddTask($"{options.Kills} kills", maxValue: options.Kills);
            var completed = progress.AddTask($"{options.Orchestrations} orchestrations", maxValue: options.Orchestrations);
            report = await new CrashDrill(options, (ledger, kills) => (completed.Value, killed.Value) = (ledger.Completed, kills)).RunAsync(cancellationToken);
        });
        return report!;
    }

    static void Write(IAnsiConsole console, DrillReport report)
    {
        var table = new Table();
        table.AddColumns("kind", "orchestrations", "completed", "lost", "completed twice", "activities repeated");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var kind in report.Kinds) Row(kind.Kind, kind.Orchestrations, kind.Completed, kind.Lost, kind.CompletedTwice, kind.ActivitiesRepeated);
        table.AddEmptyRow();
        Row("all", report.Orchestrations, report.Completed, report.Lost, report.CompletedTwice, report.ActivitiesRepeated);
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Kills} kills in the middle of work ({report.KillsWhileOpening} of them while the worker opened its file), {report.Acknowledged} acknowledged, {report.Seconds:F1} s, seed {report.Seed}"));
        foreach (var example in report.Examples) console.WriteLine(example);

        void Row(string kind, params ReadOnlySpan<int> counts)
        {
            List<string> cells = [kind];
            foreach (var count in counts) cells.Add(count.ToString("N0", CultureInfo.InvariantCulture));
            table.AddRow([.. cells]);
        }
    }
}
