using System.CommandLine;
using AiOs.ControlPlane.Apps;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>deploy FOLDER</c>: validates, trains, indexes and puts a version of an app in force.</summary>
static class DeployCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The app's folder (with app.yaml), or the name of a sample app." };
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command("deploy", "Deploy an app's folder as a new version. What is not valid is listed with file and line, and the version in force stays.") { folder, json, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var shell = new Shell(parsed.GetValue(json));
            var path = Root.App(parsed.GetValue(folder)!);
            var package = AppPackage.FromFolder(path);
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            var name = AppReader.Read(package).Manifest?.Name ?? Path.GetFileName(path);
            await SampleApps.DeployAsync(connection.Api, name, package, shell, cancellationToken);
            var app = await connection.Api.GetAsync($"api/apps/{Uri.EscapeDataString(name)}", cancellationToken);
            shell.Result(app, console => console.WriteLine($"{name} {app.GetProperty("version").GetString()} is in force."));
            return ExitCode.Ok;
        });
        return command;
    }
}
