using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>enqueue QUEUE JSON</c>: a back-office job for the app that names the queue as its trigger.</summary>
static class EnqueueCommand
{
    public static Command Create()
    {
        var queue = new Argument<string>("queue") { Description = "The logical queue of an app's manifest, for example claims." };
        var job = new Argument<string>("json") { Description = "The job: {\"text\": ..., \"id\"?: ..., \"attributes\"?: {...}, \"conversationId\"?: ...}" };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("enqueue", "Put a job on an app's queue.") { queue, job, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            JsonElement body;
            try
            {
                body = JsonSerializer.Deserialize<JsonElement>(parsed.GetValue(job)!);
            }
            catch (JsonException e)
            {
                throw new CommandException($"The job is no JSON: {e.Message}", ExitCode.Usage);
            }

            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var accepted = await connection.Api.PostAsync($"api/queues/{Uri.EscapeDataString(parsed.GetValue(queue)!)}", body, cancellationToken);
            new Shell(parsed.GetValue(json)).Result(accepted, console => console.WriteLine($"Enqueued as {accepted.GetProperty("id").GetString()}."));
            return ExitCode.Ok;
        });
        return command;
    }
}
