using System.CommandLine;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Engine;

/// <summary>One fresh process of <c>bench engine waitingInstances</c>. Hidden: it is only a part.</summary>
static class WakeCommand
{
    public const string Name = "wake";

    public static Command Create()
    {
        var path = new Argument<string>("path");
        var id = new Argument<string>("id");
        var command = new Command(Name, "Start an engine on a file and raise one event.") { path, id };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wake = await Waiting.WakeAsync(parsed.GetValue(path)!, parsed.GetValue(id)!, cancellationToken);
            new Shell(json: true).Result(wake, _ => { });
            return ExitCode.Ok;
        });
        return command;
    }
}
