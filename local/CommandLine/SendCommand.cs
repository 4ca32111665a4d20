using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>send APP TEXT</c>: one message and its outcome; <c>send APP --file F --column C</c>: many, and how they went.</summary>
static class SendCommand
{
    public static Command Create()
    {
        var app = new Argument<string>("app") { Description = "The app, for example customer-support." };
        var text = new Argument<string?>("text") { Description = "The message.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "A CSV file of messages, instead of a text." };
        var column = new Option<string>("--column") { Description = "The column of the file that holds the message.", DefaultValueFactory = _ => "text" };
        var concurrency = new Option<int>("--concurrency") { Description = "How many messages are under way at once (1-256).", DefaultValueFactory = _ => 8 };
        var attributes = new Option<string?>("--attributes") { Description = "Attributes of the message, a JSON object." };
        var conversation = new Option<string?>("--conversation") { Description = "The conversation that the message belongs to." };
        var key = new Option<string?>("--idempotency-key") { Description = "Sending the same key and message again is the same run." };
        var wait = new Option<int>("--wait") { Description = "Seconds to wait for an outcome (0-60).", DefaultValueFactory = _ => 10 };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("send", "Send a message to an app, or a file of them. Without a server one is started for the time of the command.") { app, text, file, column, concurrency, attributes, conversation, key, wait, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var shell = new Shell(parsed.GetValue(json));
            if ((parsed.GetValue(text) is null) == (parsed.GetValue(file) is null)) throw new CommandException("Give either a text or --file.", ExitCode.Usage);
            if (parsed.GetValue(concurrency) is < 1 or > 256) throw new CommandException("--concurrency must be from 1 to 256.", ExitCode.Usage);
            var texts = parsed.GetValue(file) is { } path ? Csv.Column(path, parsed.GetValue(column)!) : null;
            await using var connection = await Connection.ToServerOrOwnAsync(parsed.GetValue(data), shell, cancellationToken);
            var message = new Message(parsed.GetValue(app)!, parsed.GetValue(wait), parsed.GetValue(conversation), Attributes(parsed.GetValue(attributes)), parsed.GetValue(key));
            return texts is not null
                ? await MassSend.RunAsync(connection.Api, message, texts, parsed.GetValue(concurrency), shell, cancellationToken)
                : await OneAsync(connection.Api, message, parsed.GetValue(text)!, shell, cancellationToken);
        });
        return command;
    }

    static JsonElement? Attributes(string? json)
    {
        if (json is null) return null;
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(json);
        }
        catch (JsonException e)
        {
            throw new CommandException($"--attributes is no JSON: {e.Message}", ExitCode.Usage);
        }
    }

    static async Task<int> OneAsync(ApiClient api, Message message, string text, Shell shell, CancellationToken cancellationToken)
    {
        var outcome = await message.SendAsync(api, text, cancellationToken);
        shell.Result(outcome, console => OutcomeText.Write(console, outcome));
        return outcome.GetProperty("status").GetString() is "failed" or "undoFailed" ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>What is the same for every message of a command.</summary>
    public sealed record Message(string App, int WaitSeconds, string? ConversationId, JsonElement? Attributes, string? IdempotencyKey)
    {
        public Task<JsonElement> SendAsync(ApiClient api, string text, CancellationToken cancellationToken)
        {
            var headers = new List<(string, string)> { ("Prefer", FormattableString.Invariant($"wait={WaitSeconds}")) };
            if (IdempotencyKey is not null) headers.Add(("Idempotency-Key", IdempotencyKey));
            return api.PostAsync($"api/apps/{Uri.EscapeDataString(App)}/messages", new { text, conversationId = ConversationId, attributes = Attributes }, cancellationToken, [.. headers]);
        }
    }
}
