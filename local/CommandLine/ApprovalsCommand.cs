using System.CommandLine;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>approvals</c>, <c>approve ID</c>, <c>reject ID</c>: the questions that runs put to people.</summary>
static class ApprovalsCommand
{
    public static Command Approvals()
    {
        var status = new Option<string>("--status") { Description = "pending, approved, rejected, expired, voided or all.", DefaultValueFactory = _ => "pending" };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("approvals", "List what waits for a person.") { status, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var found = await connection.Api.GetAsync("api/approvals?status=" + Uri.EscapeDataString(parsed.GetValue(status)!), cancellationToken);
            new Shell(parsed.GetValue(json)).Result(found, console =>
            {
                var table = new Table().AddColumn("approval").AddColumn("role").AddColumn("status").AddColumn("why");
                foreach (var approval in found.GetProperty("approvals").EnumerateArray())
                    table.AddRow(new Text(approval.GetProperty("id").GetString()!), new Text(approval.GetProperty("role").GetString()!), new Text(approval.GetProperty("status").GetString()!), new Text(approval.GetProperty("summary").GetString()!));
                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Approve() => Answer("approve", "Approve what a run asks for.");

    public static Command Reject() => Answer("reject", "Reject what a run asks for.");

    static Command Answer(string decision, string description)
    {
        var id = new Argument<string>("id") { Description = "The approval (see: aios approvals)." };
        var comment = new Option<string?>("--comment") { Description = "Why; kept with the decision." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command(decision, description) { id, comment, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var answered = await connection.Api.PostAsync($"api/approvals/{Uri.EscapeDataString(parsed.GetValue(id)!)}", new { decision, comment = parsed.GetValue(comment) }, cancellationToken);
            new Shell(parsed.GetValue(json)).Result(answered, console => console.WriteLine($"{answered.GetProperty("status").GetString()} ({answered.GetProperty("runId").GetString()})"));
            return ExitCode.Ok;
        });
        return command;
    }
}
