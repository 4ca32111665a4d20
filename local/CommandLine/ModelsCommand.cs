using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>models [NAME]</c>: how models and their deployments did in the last five minutes.</summary>
static class ModelsCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "Only this logical model.", Arity = ArgumentArity.ZeroOrOne };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("models", "Show how models and their deployments did in the last five minutes.") { name, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            if (parsed.GetValue(name) is { } wanted)
                _ = await connection.Api.GetAsync($"api/models/{Uri.EscapeDataString(wanted)}", cancellationToken);   // refuses a name that there is not, and says which there are
            var found = await connection.Api.GetAsync("api/serving" + (parsed.GetValue(name) is { } model ? "?model=" + Uri.EscapeDataString(model) : ""), cancellationToken);
            new Shell(parsed.GetValue(json)).Result(found, console => Write(console, found));
            return ExitCode.Ok;
        });
        return command;
    }

    static void Write(IAnsiConsole console, JsonElement report)
    {
        var table = new Table().AddColumns("model", "calls", "per s", "at once", "p50 ms", "p95 ms", "p99 ms", "queue p95", "errors", "timeouts", "fallbacks", "cached", "tokens", "cost", "why");
        foreach (var model in report.GetProperty("models").EnumerateArray())
        {
            Row(table, model.GetProperty("model").GetString()!, model.GetProperty("calls"), model.GetProperty("calls").GetProperty("fallbacks"));
            foreach (var deployment in model.GetProperty("deployments").EnumerateArray())
                Row(table, "  " + deployment.GetProperty("deployment").GetString() + (deployment.GetProperty("shadow").GetBoolean() ? " (shadow)" : ""), deployment.GetProperty("calls"), deployment.GetProperty("passedOver"));
        }

        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Calls of this instance that ended within {report.GetProperty("windowSeconds").GetDouble()} s; times within {report.GetProperty("relativeError").GetDouble():P0}. Captured {report.GetProperty("capturesWritten").GetInt64()}, dropped {report.GetProperty("capturesDropped").GetInt64()}."));
    }

    static void Row(Table table, string name, JsonElement calls, JsonElement passedOver) => table.AddRow(new[]
    {
        name, BudgetsCommand.Cell(calls, "calls"), BudgetsCommand.Cell(calls, "perSecond"), BudgetsCommand.Cell(calls, "concurrency"), Time(calls, "took", "p50Ms"), Time(calls, "took", "p95Ms"), Time(calls, "took", "p99Ms"),
        Time(calls, "queued", "p95Ms"), Share(calls, "errorRate"), Share(calls, "timeoutRate"), Share(calls, "fallbackRate"), Share(calls, "cacheHitRate"),
        $"{BudgetsCommand.Cell(calls, "inputTokens")} + {BudgetsCommand.Cell(calls, "outputTokens")}", BudgetsCommand.Cell(calls, "cost"), Reasons(calls.GetProperty("failures"), passedOver),
    }.Select(cell => new Text(cell)));

    static string Time(JsonElement calls, string what, string quantile) => calls.TryGetProperty(what, out var latency) ? BudgetsCommand.Cell(latency, quantile) : "";

    static string Share(JsonElement calls, string rate) => calls.GetProperty(rate).GetDouble() is var share and > 0 ? share.ToString("P1", CultureInfo.InvariantCulture) : "";

    static string Reasons(params IEnumerable<JsonElement> counts) => string.Join(", ", counts.SelectMany(count => count.EnumerateObject())
        .GroupBy(reason => reason.Name, StringComparer.Ordinal).Select(reason => $"{reason.Key} {reason.Sum(count => count.Value.GetInt64())}x"));
}
