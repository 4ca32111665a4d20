using System.Globalization;
using AiOs.Sandbox;

// The outside world on one loopback port: AiOs.Sandbox [--port 7099] [--journal FILE]
var port = 7099;
string? journal = null;
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--port" && i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535)
        i++;
    else if (args[i] == "--journal" && i + 1 < args.Length)
        journal = args[++i];
    else
    {
        Console.Error.WriteLine("Usage: AiOs.Sandbox [--port 7099] [--journal FILE]");
        return 2;
    }
}

await using var world = await SandboxServer.StartAsync(port, journal);
Console.WriteLine($"The sandbox listens on {world.Url}");
await world.WaitForShutdownAsync();
return 0;
