using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>keys create|list|revoke</c>: who may call.</summary>
static class KeysCommand
{
    public static Command Create() => new("keys", "Make, list and revoke client keys.") { Make(), List(), Revoke() };

    static Command Make()
    {
        var role = new Option<string[]>("--role") { Description = "owner, adjuster, operator or client; may be given more than once.", Required = true, AllowMultipleArgumentsPerToken = true };
        var name = new Option<string?>("--name") { Description = "What the key is for." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("create", "Make a key. It is shown once.") { role, name, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var roles = parsed.GetValue(role)!;
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var issued = await connection.Api.PostAsync("api/keys", new { name = parsed.GetValue(name) ?? string.Join('-', roles), roles }, cancellationToken);
            new Shell(parsed.GetValue(json)).Result(issued, console => console.WriteLine(issued.GetProperty("key").GetString()!));
            return ExitCode.Ok;
        });
        return command;
    }

    static Command List()
    {
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("list", "List the keys, without their secrets.") { json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var found = await connection.Api.GetAsync("api/keys", cancellationToken);
            new Shell(parsed.GetValue(json)).Result(found, console =>
            {
                var table = new Table().AddColumn("id").AddColumn("name").AddColumn("roles").AddColumn("created").AddColumn("revoked");
                foreach (var key in found.GetProperty("keys").EnumerateArray())
                    table.AddRow(new Text(key.GetProperty("id").GetString()!), new Text(key.GetProperty("name").GetString()!), new Text(string.Join(", ", key.GetProperty("roles").EnumerateArray().Select(r => r.GetString()))), new Text(Time(key, "createdAt")), new Text(Time(key, "revokedAt")));
                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    static string Time(JsonElement key, string member) => key.TryGetProperty(member, out var at) ? at.GetDateTimeOffset().ToString("u", CultureInfo.InvariantCulture) : "";

    static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "The key's id (see: aios keys list)." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("revoke", "Revoke a key.") { id, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            await connection.Api.DeleteAsync($"api/keys/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellationToken);
            new Shell(parsed.GetValue(json)).Result(new { id = parsed.GetValue(id), revoked = true }, console => console.WriteLine("Revoked."));
            return ExitCode.Ok;
        });
        return command;
    }
}
