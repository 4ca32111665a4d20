using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>runs</c>: the latest runs; <c>runs ID</c>: one with its timeline.</summary>
static class RunsCommand
{
    public static Command Create()
    {
        var id = new Argument<string?>("id") { Description = "One run, with its steps.", Arity = ArgumentArity.ZeroOrOne };
        var app = new Option<string?>("--app") { Description = "Only runs of this app." };
        var status = new Option<string?>("--status") { Description = "Only runs with this status." };
        var top = new Option<int>("--top") { Description = "How many (1-200).", DefaultValueFactory = _ => 20 };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("runs", "List runs, newest first, or show one.") { id, app, status, top, json, data, RunsExportCommand.Create() };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var shell = new Shell(parsed.GetValue(json));
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            if (parsed.GetValue(id) is { } one)
            {
                var run = await connection.Api.GetAsync($"api/runs/{Uri.EscapeDataString(one)}", cancellationToken);
                shell.Result(run, console => WriteOne(console, run));
                return ExitCode.Ok;
            }

            var query = FormattableString.Invariant($"api/runs?top={parsed.GetValue(top)}");
            if (parsed.GetValue(app) is { } name) query += "&app=" + Uri.EscapeDataString(name);
            if (parsed.GetValue(status) is { } wanted) query += "&status=" + Uri.EscapeDataString(wanted);
            var page = await connection.Api.GetAsync(query, cancellationToken);
            if (parsed.GetValue(app) is { } wantedApp && page.GetProperty("runs").GetArrayLength() == 0)
                _ = await connection.Api.GetAsync($"api/apps/{Uri.EscapeDataString(wantedApp)}", cancellationToken);   // no runs yet, or refused: there is no such app
            shell.Result(page, console => WritePage(console, page));
            return ExitCode.Ok;
        });
        return command;
    }

    static void WritePage(IAnsiConsole console, JsonElement page)
    {
        var table = new Table().AddColumn("run").AddColumn("status").AddColumn("created");
        foreach (var run in page.GetProperty("runs").EnumerateArray())
            table.AddRow(new Text(run.GetProperty("runId").GetString()!), new Text(run.GetProperty("status").GetString()!), new Text(Moment.Of(run.GetProperty("createdAt"))));
        console.Write(table);
    }

    static void WriteOne(IAnsiConsole console, JsonElement run)
    {
        OutcomeText.Write(console, run.GetProperty("run"));
        var table = new Table().AddColumn("step").AddColumn("outcome").AddColumn(new TableColumn("ms").RightAligned());
        foreach (var step in run.GetProperty("steps").EnumerateArray())
        {
            var started = step.GetProperty("startedAt").GetDateTimeOffset();
            var took = step.TryGetProperty("endedAt", out var ended) ? (ended.GetDateTimeOffset() - started).TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture) : "";
            table.AddRow(new Text(step.GetProperty("step").GetString()!), new Text(step.GetProperty("outcome").GetString()!), new Text(took));
        }

        console.Write(table);
    }
}
