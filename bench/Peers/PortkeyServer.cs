using System.Text.Json;
using AiOs.Bench.Http;
using AiOs.Local.CommandLine;
using AiOs.Local.Durable;

namespace AiOs.Bench.Peers;

/// <summary>Portkey's gateway, asked for a model of two targets with fallback.</summary>
static class PortkeyServer
{
    static readonly string home = Path.Combine(Root.Path, "bench", "Peers", "portkey");

    /// <summary>Restores it.</summary>
    public static Task RestoreAsync(CancellationToken cancellationToken) => NpmPackages.RestoreAsync(home, cancellationToken);

    /// <summary>Starts it in a process of its own.</summary>
    public static Task<Child> StartAsync(CancellationToken cancellationToken) => Child.StartAsync(new("node", [Path.Combine(home, "peer.mjs")]) { WorkingDirectory = home }, cancellationToken);

    /// <summary>The header lines of a request: its whole configuration travels with each.</summary>
    public static string Headers(Uri upstream)
    {
        var target = new { provider = "openai", api_key = "none", custom_host = upstream.ToString().TrimEnd('/') };
        return $"x-portkey-config: {JsonSerializer.Serialize(new { strategy = new { mode = "fallback" }, targets = new[] { target, target } })}\r\n";
    }
}
