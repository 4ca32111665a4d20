using System.Globalization;
using AiOs.Inference.Http;

namespace AiOs.Inference.Tests;

/// <summary>The server as it ships, on a free port, over a repository of its own.</summary>
sealed class Server : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    InferenceServer? server;

    Server()
    {
    }

    public OipClient Client { get; private set; } = null!;

    public Uri Url => server!.Url;

    /// <summary>Puts files into the repository, starts and loads.</summary>
    public static async Task<Server> StartAsync(Action<Server> fill, string? key = null, TimeProvider? clock = null, double poll = 0)
    {
        var own = new Server();
        fill(own);
        own.server = await InferenceServer.StartAsync(new() { Port = 0, Repository = own.folder.Path, Provider = "cpu", Key = key, MaxBody = 1 << 20, Poll = poll }, clock ?? TimeProvider.System);
        own.Client = new(own.server.Url, key);
        await own.server.LoadAsync();
        return own;
    }

    public async Task<string> MetricsAsync() => (string)(await Client.GetAsync("metrics")).Json!;

    /// <summary>Until the page of metrics holds all these lines: calls are counted when they have been answered.</summary>
    public async Task CountsAsync(params string[] lines)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await MetricsAsync() is var page && !lines.All(line => page.Contains(line + "\n", StringComparison.Ordinal)))
        {
            Assert.False(patience.IsCancellationRequested, page);
            await Task.Yield();
        }
    }

    /// <summary>A version of a model, and what it is configured with.</summary>
    public Server Put(string model, int version, byte[] file, string? config = null)
    {
        var directory = Directory.CreateDirectory(Path.Combine(folder.Path, model, version.ToString(CultureInfo.InvariantCulture))).FullName;
        File.WriteAllBytes(Path.Combine(directory, "model.onnx"), file);
        return config is null ? this : Configure(model, config);
    }

    public Server Configure(string model, string config)
    {
        File.WriteAllText(Path.Combine(folder.Path, model, "config.json"), config);
        return this;
    }

    /// <summary>The sentence encoder that ships with the server.</summary>
    public Server PutEncoder(string model = "sentence-encoder")
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "repository", "sentence-encoder");
        var version = Directory.CreateDirectory(Path.Combine(folder.Path, model, "1")).FullName;
        File.Copy(Path.Combine(shipped, "config.json"), Path.Combine(folder.Path, model, "config.json"));
        foreach (var file in new[] { "model.onnx", "vocabulary.json" })
            File.Copy(Path.Combine(shipped, "1", file), Path.Combine(version, file));
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (server is not null)
            await server.DisposeAsync();
        folder.Dispose();
    }
}
