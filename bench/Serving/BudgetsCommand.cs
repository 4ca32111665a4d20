using System.CommandLine;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Serving;

/// <summary><c>bench budgets</c>: what it costs a call of a model to be covered by budgets, settled, noted and captured.</summary>
static class BudgetsCommand
{
    public static Command Create()
    {
        var calls = new Option<int>("--calls") { Description = "Calls of each round.", DefaultValueFactory = _ => 400_000 };
        var json = CommonOptions.Json();
        var command = new Command("budgets", "Reserve and settle in three budgets on SQLite, without and with the note that makes costs, metrics and a capture of 1,000 characters; one thread and as many as there are cores.") { calls, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await BudgetsReport.MeasureAsync(parsed.GetValue(calls), cancellationToken);
            new Shell(parsed.GetValue(json)).Result(report, report.Write);
            return ExitCode.Ok;
        });
        return command;
    }
}
