using System.CommandLine;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Local.CommandLine;
using AiOs.Local.Hosting;

namespace AiOs.Bench.Http;

/// <summary>
/// <c>bench http-host</c>: the embedded host with <see cref="OrderFunctions"/>, in a process of its own. Its first line is the address;
/// every line it is sent is answered with the engine's counts so far; it ends with its standard input.
/// </summary>
static class HostCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--folder") { Description = "The data directory.", Required = true };
        var command = new Command("http-host", "The embedded host that bench http measures.") { folder };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) => ServeAsync(parsed.GetValue(folder)!, cancellationToken));
        return command;
    }

    static async Task<int> ServeAsync(string folder, CancellationToken cancellationToken)
    {
        await using var host = await EmbeddedHost.StartAsync(new() { Assemblies = [typeof(OrderFunctions).Assembly], DataDirectory = folder }, cancellationToken);
        await Console.Out.WriteLineAsync(new Uri(host.BaseAddress, "api/orders/fulfil").ToString());
        while (await Console.In.ReadLineAsync(cancellationToken) is not null)
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(host.DurableCounts, AiOsJson.Options));
        return ExitCode.Ok;
    }
}
