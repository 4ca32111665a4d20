using System.CommandLine;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>handoffs</c>, <c>handoffs take ID</c>, <c>handoffs close ID</c>: the conversations that wait for a person.</summary>
static class HandOffsCommand
{
    static readonly string[] Columns = ["id", "app", "conversationId", "role", "reason", "status", "createdAt"];

    public static Command Create()
    {
        var status = new Option<string>("--status") { Description = "open, taken, closed or all.", DefaultValueFactory = _ => "open" };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("handoffs", "List the conversations that wait for a person.") { status, json, data, Answer("take", "Take a conversation over."), Answer("close", "Say that it is dealt with.") };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var found = await connection.Api.GetAsync("api/handoffs?status=" + Uri.EscapeDataString(parsed.GetValue(status)!), cancellationToken);
            new Shell(parsed.GetValue(json)).Result(found, console =>
            {
                var table = new Table().AddColumns("hand-off", "app", "conversation", "role", "why", "status", "since");
                foreach (var handOff in found.GetProperty("handOffs").EnumerateArray())
                    table.AddRow(Columns.Select(member => new Text(member == "createdAt" ? Moment.Of(handOff.GetProperty(member)) : handOff.GetProperty(member).GetString()!)));
                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    static Command Answer(string action, string description)
    {
        var id = new Argument<string>("id") { Description = "The hand-off (see: aios handoffs)." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command(action, description) { id, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var answered = await connection.Api.PostAsync($"api/handoffs/{Uri.EscapeDataString(parsed.GetValue(id)!)}", new { action }, cancellationToken);
            new Shell(parsed.GetValue(json)).Result(answered, console => console.WriteLine($"{answered.GetProperty("status").GetString()} (conversation {answered.GetProperty("conversationId").GetString()} of {answered.GetProperty("app").GetString()})"));
            return ExitCode.Ok;
        });
        return command;
    }
}
