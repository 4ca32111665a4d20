using AiOs.Local.Durable;

namespace AiOs.Bench.Http;

/// <summary>Something that fulfils orders durably behind HTTP.</summary>
interface IServer
{
    /// <summary>What it is called in the report.</summary>
    string Name { get; }

    /// <summary>Starts it with an empty data directory.</summary>
    Task<IServing> StartAsync(string folder, CancellationToken cancellationToken);
}

/// <summary>A server that serves until it is disposed.</summary>
interface IServing : IAsyncDisposable
{
    /// <summary>Where orders are posted to.</summary>
    Uri Address { get; }

    /// <summary>What it has written so far; null when it does not tell.</summary>
    Task<EngineCounts?> CountsAsync(CancellationToken cancellationToken);
}
