using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Local.Durable;

namespace AiOs.Bench.Http;

/// <summary>Ours: the embedded host in a process of its own, on a file with synchronous=FULL.</summary>
sealed class FunctionsServer : IServer
{
    public string Name => "aios";

    public async Task<IServing> StartAsync(string folder, CancellationToken cancellationToken) => new Serving(await Child.StartAsync(
        new(Environment.ProcessPath!, [.. Program(), "bench", "http-host", "--folder", folder]), cancellationToken));

    // Under `dotnet AiOs.Bench.dll` the process is dotnet, which must be told what to run; a program of its own is enough.
    public static string[] Program() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(FunctionsServer).Assembly.Location] : [];

    sealed class Serving(Child child) : IServing
    {
        public Uri Address => child.Address;

        public async Task<EngineCounts?> CountsAsync(CancellationToken cancellationToken) =>
            JsonSerializer.Deserialize<EngineCounts>(await child.AskAsync(cancellationToken), AiOsJson.Options);

        public ValueTask DisposeAsync() => child.DisposeAsync();
    }
}
