using System.CommandLine;
using System.Globalization;
using AiOs.Functions;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Hosting;
using AiOs.Orchestrations;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>replay FOLDER</c>: runs recorded histories against the orchestrators of this build. No server, no database, no activity.</summary>
static class ReplayCommand
{
    /// <summary>One history that today's code does not follow.</summary>
    sealed record Diverged(string File, string Orchestrator, string InstanceId, int Event, string Expected, string Came, string Message);

    /// <summary>A file that is no history.</summary>
    sealed record Unreadable(string File, string Reason);

    /// <summary>How the replay went.</summary>
    sealed record Summary(int Histories, int Events, IReadOnlyList<Diverged> Diverged, IReadOnlyList<Unreadable> Unreadable);

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A folder of histories (*.json, subfolders too), or one file; from `aios runs export`." };
        var strict = new Option<bool>("--strict") { Description = "Payloads, times of timers and outputs must be the same too, not only the decisions." };
        var json = CommonOptions.Json();
        var command = new Command("replay", "Replay recorded histories against the code of this build and report the first divergence of each. Exit code 1 when any diverges.") { folder, strict, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var shell = new Shell(parsed.GetValue(json));
            var files = Files(parsed.GetValue(folder)!);
            var summary = await ReplayAsync(files, parsed.GetValue(strict) ? ReplayStrictness.Payloads : ReplayStrictness.Decisions, shell, cancellationToken);
            shell.Result(summary, console => Write(console, summary));
            return summary.Diverged.Count + summary.Unreadable.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    static IReadOnlyList<string> Files(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path)) throw new CommandException($"There is no folder '{path}'. Fill one with: aios runs export --app APP --out {path}", ExitCode.Usage);
        var files = Directory.GetFiles(path, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files : throw new CommandException($"There is no history (*.json) in '{path}'. Fill it with: aios runs export --app APP --out {path}", ExitCode.Usage);
    }

    static async Task<Summary> ReplayAsync(IReadOnlyList<string> files, ReplayStrictness strictness, Shell shell, CancellationToken cancellationToken)
    {
        await using var host = HostedReplay.Create(new EmbeddedHostOptions
        {
            Assemblies = [typeof(FunctionsApp).Assembly, typeof(RunAppOrchestrator).Assembly],
            Configure = (builder, settings) =>
            {
                builder.UseAiOs();
                builder.Services.AddAiOs(settings);
            },
            HostJsonPath = Path.Combine(AppContext.BaseDirectory, "host.json"),
        });
        var (diverged, unreadable, histories, events) = (new List<Diverged>(), new List<Unreadable>(), 0, 0);
        await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async progress =>
        {
            var bar = progress.AddTask($"{files.Count} histories", maxValue: files.Count);
            foreach (var file in files)
            {
                try
                {
                    var history = RecordedHistory.Parse(await File.ReadAllBytesAsync(file, cancellationToken));
                    (histories, events) = (histories + 1, events + history.Events);
                    if (await host.Replayer.ReplayAsync(history, strictness) is { } first)
                        diverged.Add(new(file, history.Orchestrator, history.InstanceId, first.Event, first.Expected, first.Came, first.Message));
                }
                catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
                {
                    unreadable.Add(new(file, e.Message));
                }

                bar.Increment(1);
            }
        });
        return new(histories, events, diverged, unreadable);
    }

    static void Write(IAnsiConsole console, Summary summary)
    {
        foreach (var (file, orchestrator, _, number, expected, came, _) in summary.Diverged)
        {
            console.WriteLine($"{file}: {orchestrator} diverges");
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  event     {number}"));
            console.WriteLine($"  expected  {expected}");
            console.WriteLine($"  came      {came}");
        }

        if (summary.Diverged.Count > 0) console.WriteLine("Instances under way would fail there: give changed code a new version, or let it do again what the history says before it does what is new.");

        foreach (var (file, reason) in summary.Unreadable) console.WriteLine($"{file}: {reason}");
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.Histories} histories with {summary.Events} events replayed, {summary.Diverged.Count} diverged, {summary.Unreadable.Count} files unreadable"));
    }
}
