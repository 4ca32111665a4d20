using System.CommandLine;
using System.Text.Json;
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
                var table = new Table().AddColumn("approval").AddColumn("app").AddColumn("role").AddColumn("status").AddColumn("until").AddColumn("why").AddColumn("what would be done");
                foreach (var approval in found.GetProperty("approvals").EnumerateArray())
                    table.AddRow(new[] { "id", "app", "role", "status", "deadline", "summary" }.Select(member => new Text(member == "deadline" ? Moment.Of(approval.GetProperty(member)) : approval.GetProperty(member).GetString()!)).Append(new Text(Proposed(approval))));
                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    static string Proposed(JsonElement approval) => !approval.TryGetProperty("proposal", out var proposal) ? ""
        : string.Join("; ", (proposal.ValueKind == JsonValueKind.Array ? proposal.EnumerateArray() : new[] { proposal }.AsEnumerable()).Select(action => $"{action.GetProperty("call").GetString()} {action.GetProperty("arguments").GetRawText()}"));

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
