using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary>An outcome as a person reads it.</summary>
static class OutcomeText
{
    public static void Write(IAnsiConsole console, JsonElement outcome)
    {
        if (outcome.TryGetProperty("answer", out var answer))
        {
            console.WriteLine(answer.GetProperty("text").GetString() ?? "");
            if (answer.TryGetProperty("citations", out var citations))
                foreach (var source in citations.EnumerateArray().Select(c => $"{c.GetProperty("document").GetString()}, {c.GetProperty("section").GetString()}").Distinct(StringComparer.Ordinal))
                    console.MarkupLineInterpolated($"  [grey]— {source}[/]");
            console.WriteLine();
        }

        var table = new Table().HideHeaders().NoBorder().AddColumn("").AddColumn("");
        Row(table, "run", Text(outcome, "runId"));
        Row(table, "status", Text(outcome, "status"));
        if (outcome.TryGetProperty("intent", out var intent) && Text(intent, "name") is { } name)
            Row(table, "intent", $"{name} ({intent.GetProperty("confidence").GetDouble().ToString("P0", CultureInfo.InvariantCulture)})");
        if (outcome.TryGetProperty("decision", out var decision)) Row(table, "decision", $"{Text(decision, "outcome")} by {Text(decision, "rule")}: {Text(decision, "reason")}");
        if (outcome.TryGetProperty("actions", out var actions))
            foreach (var action in actions.EnumerateArray())
                Row(table, "action", $"{Text(action, "call")}: {Text(action, "status")}");
        if (outcome.TryGetProperty("asks", out var asks)) Row(table, "asks", $"{Text(asks, "field")} ({Text(asks, "type")})");
        if (outcome.TryGetProperty("waitingFor", out var waiting)) Row(table, "waiting for", Waiting(waiting));
        if (outcome.TryGetProperty("cost", out var cost)) Row(table, "cost", Cost(cost));
        if (Text(outcome, "reason") is { } reason) Row(table, "reason", reason);
        if (Text(outcome, "conversationId") is { } conversation) Row(table, "conversation", conversation);
        console.Write(table);
    }

    static string Cost(JsonElement cost) => string.Create(CultureInfo.InvariantCulture,
        $"{(cost.TryGetProperty("amount", out var amount) ? amount.GetDecimal().ToString(CultureInfo.InvariantCulture) : "no price")} ({cost.GetProperty("calls").GetInt32()} calls of models, {cost.GetProperty("inputTokens").GetInt64()} tokens sent, {cost.GetProperty("outputTokens").GetInt64()} received)");

    static string Waiting(JsonElement waiting) => Text(waiting, "kind") == "approval"
        ? $"the role {Text(waiting, "role")} until {(waiting.TryGetProperty("until", out var until) ? Moment.Of(until) : "somebody answers")}: aios approve {Text(waiting, "id")}"
        : $"{Text(waiting, "kind")} {Text(waiting, "id")}";

    static void Row(Table table, string name, string? value) => table.AddRow(new Markup($"[grey]{name}[/]"), new Text(value ?? ""));

    static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
