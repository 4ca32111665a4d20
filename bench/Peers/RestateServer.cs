using System.ComponentModel;
using System.Diagnostics;
using AiOs.Bench.Http;
using AiOs.Local.CommandLine;
using AiOs.Local.Durable;

namespace AiOs.Bench.Peers;

/// <summary>Restate with the service in Peers/restate, configured by one of the files there.</summary>
sealed class RestateServer(string name, string configuration) : IServer
{
    static readonly string home = Path.Combine(Root.Path, "bench", "Peers", "restate");

    /// <summary>As it comes, and tuned for one small machine.</summary>
    public static IReadOnlyList<IServer> Both { get; } = [new RestateServer("restate", "default.toml"), new RestateServer("restate tuned", "tuned.toml")];

    public string Name => name;

    /// <summary>Restores the packages that the lock file names, unless they are there.</summary>
    public static async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var restored = new FileInfo(Path.Combine(home, "node_modules", ".package-lock.json"));
        if (restored.Exists && restored.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(home, "package-lock.json")))
            return;
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci"]) { WorkingDirectory = home, UseShellExecute = false, RedirectStandardOutput = true })!;
            await npm.StandardOutput.ReadToEndAsync(cancellationToken);
            await npm.WaitForExitAsync(cancellationToken);
            if (npm.ExitCode != 0)
                throw new CommandException($"npm ci failed in {home}; the peer needs npm and its registry.", ExitCode.Failed);
        }
        catch (Win32Exception)
        {
            throw new CommandException("The peer needs Node.js 20 with npm: install it, or run without --peer.", ExitCode.Usage);
        }
    }

    public async Task<IServing> StartAsync(string folder, CancellationToken cancellationToken) => new Serving(await Child.StartAsync(
        new("node", [Path.Combine(home, "peer.mjs"), configuration, folder]) { WorkingDirectory = home }, cancellationToken));

    sealed class Serving(Child child) : IServing
    {
        public Uri Address => child.Address;

        public Task<EngineCounts?> CountsAsync(CancellationToken cancellationToken) => Task.FromResult<EngineCounts?>(null);

        public ValueTask DisposeAsync() => child.DisposeAsync();
    }
}
