using System.CommandLine;
using System.Diagnostics;

namespace AiOs.Local.CommandLine;

/// <summary><c>up</c>: the whole OS on this machine, until Ctrl-C.</summary>
static class UpCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "The port to listen on, on loopback (0 = a free one).", DefaultValueFactory = _ => 7071 };
        var data = CommonOptions.Data();
        var command = new Command("up", "Start the OS on this machine, with the sample apps and their sandbox.") { port, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var started = Stopwatch.GetTimestamp();
            var shell = new Shell(json: false);
            await using var server = await LocalServer.StartAsync(new(Root.Data(parsed.GetValue(data)), parsed.GetValue(port), Verbose: true), cancellationToken);
            if (server.NewOwnerKey is { } key) shell.Note($"The owner's key, shown once (also in {server.OwnerKeyFile}): {key}");
            using (var api = new ApiClient(server.Url, server.OwnerKey))
            {
                await SampleApps.InstallAsync(api, shell, cancellationToken);
                await RebuildCommand.MendAsync(api, shell, cancellationToken);
            }

            shell.Note(FormattableString.Invariant($"Ready in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s at {server.Url} (sandbox at {server.SandboxUrl}). Ctrl-C stops it; work in flight finishes or goes back."));
            await server.WaitForShutdownAsync(cancellationToken);
            shell.Note("Stopped.");
            return ExitCode.Ok;
        });
        return command;
    }
}
