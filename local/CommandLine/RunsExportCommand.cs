using System.CommandLine;
using System.Globalization;
using AiOs.ControlPlane.Admission;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>runs export</c>: recorded histories as files, for <c>replay</c>. Reads the engine's file beside the server, which may be running.</summary>
static class RunsExportCommand
{
    /// <summary>What was written.</summary>
    sealed record Summary(string Folder, int Histories, int Events, IReadOnlyList<string> Files);

    public static Command Create()
    {
        var id = new Argument<string?>("id") { Description = "One run (or deployment), with its sub-orchestrations.", Arity = ArgumentArity.ZeroOrOne };
        var app = new Option<string?>("--app") { Description = "All runs of this app whose history is still stored, its deployments included." };
        var to = new Option<string>("--out") { Description = "The folder to write to, made when missing; a history of the same instance is replaced.", DefaultValueFactory = _ => "histories" };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("export", "Write recorded histories as JSON files, one an orchestration, for `aios replay`. Reads the data directory of this machine; its server may run or not. Payloads are as stored: masked, without secrets.") { id, app, to, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (one, all) = (parsed.GetValue(id), parsed.GetValue(app));
            if ((one is null) == (all is null)) throw new CommandException("Give either a run's id or --app.", ExitCode.Usage);
            var shell = new Shell(parsed.GetValue(json));
            var summary = await ExportAsync(Root.Data(parsed.GetValue(data)), one, all, Path.GetFullPath(parsed.GetValue(to)!), shell, cancellationToken);
            shell.Result(summary, console => console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.Histories} histories with {summary.Events} events in {summary.Folder}")));
            return ExitCode.Ok;
        });
        return command;
    }

    static async Task<Summary> ExportAsync(string data, string? one, string? app, string folder, Shell shell, CancellationToken cancellationToken)
    {
        try
        {
            using var file = HistoryFile.Open(Path.Combine(data, "durable.db"));
            List<string> ids = one is not null ? [one] : [.. file.InstanceIds(app + "-").Where(id => RunIds.IsOf(app!, id))];
            Directory.CreateDirectory(folder);
            var files = new SortedDictionary<string, int>(StringComparer.Ordinal);
            await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async progress =>
            {
                var bar = progress.AddTask($"{ids.Count} runs", maxValue: Math.Max(1, ids.Count));
                foreach (var id in ids)
                {
                    foreach (var history in file.Read(id))
                    {
                        var name = Uri.EscapeDataString(history.InstanceId) + ".json";
                        await File.WriteAllBytesAsync(Path.Combine(folder, name), history.ToJson(), cancellationToken);
                        files[name] = history.Events;
                    }

                    bar.Increment(1);
                }
            });
            if (files.Count == 0) throw new CommandException(one is not null ? $"There is no orchestration '{one}' in {data}." : $"There are no runs of '{app}' in {data}.", ExitCode.Refused);
            return new(folder, files.Count, files.Values.Sum(), [.. files.Keys]);
        }
        catch (Exception e) when (e is DurableStoreException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Nothing could be exported: {e.Message}", ExitCode.Refused);
        }
    }
}
