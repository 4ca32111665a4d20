using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>captures</c>, <c>captures show ID</c>: calls of models, one by one, masked.</summary>
static class CapturesCommand
{
    static readonly string[] Columns = ["at", "id", "app", "model", "deployment", "end", "tookMs", "runId"];

    public static Command Create()
    {
        var run = new Option<string?>("--run") { Description = "Only the calls of this run." };
        var model = new Option<string?>("--model") { Description = "Only the calls of this logical model." };
        var top = new Option<int>("--top") { Description = "How many.", DefaultValueFactory = _ => 20 };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("captures", "List the latest calls of models.") { run, model, top, json, data, Show() };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var query = string.Join('&', new[] { ("top", parsed.GetValue(top).ToString(CultureInfo.InvariantCulture)), ("run", parsed.GetValue(run)), ("model", parsed.GetValue(model)) }.Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
            var found = await connection.Api.GetAsync("api/captures?" + query, cancellationToken);
            if (found.GetProperty("captures").GetArrayLength() == 0)
                await RefuseUnknownAsync(connection.Api, parsed.GetValue(model), parsed.GetValue(run), cancellationToken);
            new Shell(parsed.GetValue(json)).Result(found, console =>
            {
                var table = new Table().AddColumns("at", "capture", "app", "model", "deployment", "end", "ms", "run", "tokens", "cost");
                foreach (var capture in found.GetProperty("captures").EnumerateArray())
                {
                    var usage = capture.GetProperty("usage");
                    table.AddRow(Columns.Select(member => BudgetsCommand.Cell(capture, member)).Append($"{BudgetsCommand.Cell(usage, "inputTokens")} + {BudgetsCommand.Cell(usage, "outputTokens")}").Append(BudgetsCommand.Cell(usage, "cost")).Select(cell => new Text(cell)));
                }

                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Nothing was found: because there is no such model or run, which the server says in words, or because it made no calls.</summary>
    static async Task RefuseUnknownAsync(ApiClient api, string? model, string? run, CancellationToken cancellationToken)
    {
        if (model is not null) _ = await api.GetAsync($"api/models/{Uri.EscapeDataString(model)}", cancellationToken);
        if (run is not null) _ = await api.GetAsync($"api/runs/{Uri.EscapeDataString(run)}", cancellationToken);
    }

    static Command Show()
    {
        var id = new Argument<string>("id") { Description = "The capture (see: aios captures)." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("show", "Show a call with its masked input and output.") { id, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var found = await connection.Api.GetAsync($"api/captures/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellationToken);
            new Shell(parsed.GetValue(json)).Result(found, console => console.WriteLine(JsonSerializer.Serialize(found, Indented)));
            return ExitCode.Ok;
        });
        return command;
    }

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}
