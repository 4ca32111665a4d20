using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>budgets list|set|remove</c>: what calls of models may cost.</summary>
static class BudgetsCommand
{
    public static Command Create() => new("budgets", "Say what calls of models may cost in a day or a month.") { List(), Set(), Remove() };

    static Command List()
    {
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("list", "List the budgets and how much of each is used.") { json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var found = await connection.Api.GetAsync("api/budgets", cancellationToken);
            new Shell(parsed.GetValue(json)).Result(found, console =>
            {
                var table = new Table().AddColumns("budget", "counts", "window", "spent", "forfeited", "leased", "soft limit", "limit", "full again");
                foreach (var budget in found.GetProperty("budgets").EnumerateArray())
                    table.AddRow(new[] { "id", "scope", "window", "spent", "forfeited", "leased", "softLimit", "limit", "resetsAt" }.Select(member => new Text(Cell(budget, member))));
                console.Write(table);
                foreach (var budget in found.GetProperty("budgets").EnumerateArray().Where(budget => budget.TryGetProperty("warning", out _)))
                    console.WriteLine($"{Cell(budget, "id")}: {Cell(budget, "warning")}");
            });
            return ExitCode.Ok;
        });
        return command;
    }

    static Command Set()
    {
        var id = new Argument<string>("id") { Description = "Its name: small letters, digits and hyphens." };
        var window = new Option<string>("--window") { Description = "day or month (UTC).", DefaultValueFactory = _ => "day" };
        var limit = new Option<decimal?>("--limit") { Description = "The hard limit: calls that could exceed it are refused." };
        var soft = new Option<decimal?>("--soft") { Description = "The soft limit: above it calls are marked and counted." };
        var app = new Option<string?>("--app") { Description = "Count only calls for this app." };
        var principal = new Option<string?>("--principal") { Description = "Count only calls of this principal (key:ID)." };
        var model = new Option<string?>("--model") { Description = "Count only calls of this logical model." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("set", "Set a budget, or change its limits.") { id, window, limit, soft, app, principal, model, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var set = await connection.Api.PutAsync($"api/budgets/{Uri.EscapeDataString(parsed.GetValue(id)!)}", new
            {
                window = parsed.GetValue(window), limit = parsed.GetValue(limit), softLimit = parsed.GetValue(soft), app = parsed.GetValue(app), principal = parsed.GetValue(principal), model = parsed.GetValue(model),
            }, cancellationToken);
            new Shell(parsed.GetValue(json)).Result(set, console => console.WriteLine($"{(Cell(set, "warning") is { Length: > 0 } warning ? warning + "\n" : "")}{Cell(set, "id")} counts {Cell(set, "scope")}: {Cell(set, "spent")} of {(Cell(set, "limit") is { Length: > 0 } hard ? hard : "no hard limit")} this {Cell(set, "window")}."));
            return ExitCode.Ok;
        });
        return command;
    }

    static Command Remove()
    {
        var id = new Argument<string>("id") { Description = "The budget (see: aios budgets list)." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("remove", "Remove a budget.") { id, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            await connection.Api.DeleteAsync($"api/budgets/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellationToken);
            new Shell(parsed.GetValue(json)).Result(new { id = parsed.GetValue(id), removed = true }, console => console.WriteLine("Removed."));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>A member as a cell of a table; empty where it is absent.</summary>
    internal static string Cell(JsonElement line, string member) => !line.TryGetProperty(member, out var value) ? "" : value.ValueKind switch
    {
        JsonValueKind.String when member is "at" or "resetsAt" => Moment.Of(value),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetDecimal().ToString("0.#########", CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };
}
