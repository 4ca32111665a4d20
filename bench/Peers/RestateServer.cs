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

    /// <summary>Restores it.</summary>
    public static Task RestoreAsync(CancellationToken cancellationToken) => NpmPackages.RestoreAsync(home, cancellationToken);

    public async Task<IServing> StartAsync(string folder, CancellationToken cancellationToken) => new Serving(await Child.StartAsync(
        new("node", [Path.Combine(home, "peer.mjs"), configuration, folder]) { WorkingDirectory = home }, cancellationToken));

    sealed class Serving(Child child) : IServing
    {
        public Uri Address => child.Address;

        public Task<EngineCounts?> CountsAsync(CancellationToken cancellationToken) => Task.FromResult<EngineCounts?>(null);

        public ValueTask DisposeAsync() => child.DisposeAsync();
    }
}
