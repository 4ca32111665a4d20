using System.CommandLine;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>costs [--by app|principal|model|day]</c>: what calls of models cost.</summary>
static class CostsCommand
{
    static readonly string[] Columns = ["name", "calls", "inputTokens", "outputTokens", "cost"];

    public static Command Create()
    {
        var by = new Option<string>("--by") { Description = "app, principal, model or day.", DefaultValueFactory = _ => "model" };
        var from = new Option<string?>("--from") { Description = "The first day, such as 2026-03-01 (default: of this month)." };
        var to = new Option<string?>("--to") { Description = "The last day (default: today, UTC)." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("costs", "Say what calls of models cost.") { by, from, to, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var query = string.Join('&', new[] { ("by", parsed.GetValue(by)), ("from", parsed.GetValue(from)), ("to", parsed.GetValue(to)) }.Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
            var found = await connection.Api.GetAsync("api/costs?" + query, cancellationToken);
            new Shell(parsed.GetValue(json)).Result(found, console =>
            {
                var table = new Table().AddColumns(parsed.GetValue(by)!, "calls", "tokens sent", "tokens received", "cost");
                foreach (var line in found.GetProperty("costs").EnumerateArray().Append(found.GetProperty("total")))
                    table.AddRow(Columns.Select(member => new Text(BudgetsCommand.Cell(line, member))));
                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }
}
