using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>rebuild APP</c>: trains and indexes the version in force again, from the files that it was deployed from.</summary>
static class RebuildCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("app") { Description = "The installed app." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("rebuild", "Train and index the version in force of an app again, as is needed where another encoder made its parts. Where that fails, what is in force stays.") { name, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (shell, app) = (new Shell(parsed.GetValue(json)), parsed.GetValue(name)!);
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            await RebuildAsync(connection.Api, app, shell, cancellationToken);
            var there = await connection.Api.GetAsync($"api/apps/{Uri.EscapeDataString(app)}", cancellationToken);
            shell.Result(there, console => console.WriteLine($"{app} {there.GetProperty("version").GetString()} is in force, built again."));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Builds every installed app again whose parts the models of today refuse. One that cannot be keeps what it has, and does not keep the OS from starting.</summary>
    public static async Task MendAsync(ApiClient api, Shell shell, CancellationToken cancellationToken)
    {
        foreach (var listed in (await api.GetAsync("api/apps", cancellationToken)).GetProperty("apps").EnumerateArray())
        {
            var name = listed.GetProperty("name").GetString()!;
            if (await RefusedAsync(api, name, cancellationToken) is not { } reasons) continue;
            var (app, started) = ($"{name} {listed.GetProperty("version").GetString()}", Stopwatch.GetTimestamp());
            shell.Note($"{app} is built again from its files: {reasons}");
            try
            {
                await RebuildAsync(api, name, shell, cancellationToken);
                shell.Note(await RefusedAsync(api, name, cancellationToken) is { } still
                    ? $"{app} was built again and still cannot be used: {still}"
                    : FormattableString.Invariant($"{app} was built again in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s and is in force."));
            }
            catch (CommandException e)
            {
                shell.Note($"{app} could not be built again, and what was in force stays: {e.Message}");
            }
        }
    }

    static async Task RebuildAsync(ApiClient api, string app, Shell shell, CancellationToken cancellationToken) =>
        await SampleApps.FollowAsync(api, app, await api.PostAsync($"api/apps/{Uri.EscapeDataString(app)}/rebuild", new { }, cancellationToken), shell, cancellationToken);

    static async Task<string?> RefusedAsync(ApiClient api, string app, CancellationToken cancellationToken) =>
        (await api.GetAsync($"api/apps/{Uri.EscapeDataString(app)}", cancellationToken)).TryGetProperty("refused", out var refused) && refused.ValueKind == JsonValueKind.Array
            ? string.Join(' ', refused.EnumerateArray().Select(part => $"{part.GetProperty("step").GetString()}: {part.GetProperty("reason").GetString()}")) : null;
}
