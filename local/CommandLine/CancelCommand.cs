using System.CommandLine;

namespace AiOs.Local.CommandLine;

/// <summary><c>cancel ID</c>: ends a run; completed actions with an undo are undone.</summary>
static class CancelCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "The run (see: aios runs)." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("cancel", "End a run; completed actions with an undo are undone.") { id, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var outcome = await connection.Api.PostAsync($"api/runs/{Uri.EscapeDataString(parsed.GetValue(id)!)}/cancel", new { }, cancellationToken);
            new Shell(parsed.GetValue(json)).Result(outcome, console => OutcomeText.Write(console, outcome));
            return ExitCode.Ok;
        });
        return command;
    }
}
