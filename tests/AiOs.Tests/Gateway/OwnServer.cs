using System.Net.Http.Json;
using AiOs.Inference;
using AiOs.Inference.Http;

namespace AiOs.Tests.Gateway;

/// <summary>This project's inference server with the sentence encoder, on a free port of loopback.</summary>
sealed class OwnServer : IAsyncDisposable
{
    readonly TemporaryFolder? folder;
    readonly InferenceServer server;
    readonly HttpClient http;

    OwnServer(TemporaryFolder? folder, InferenceServer server) => (this.folder, this.server, http) = (folder, server, new() { BaseAddress = server.Url });

    public string Url => server.Url.ToString().TrimEnd('/');

    /// <param name="config">Instead of the configuration that ships with the encoder.</param>
    public static async Task<OwnServer> StartAsync(string? config = null, string? key = null, TimeProvider? clock = null)
    {
        var folder = new TemporaryFolder();
        var shipped = Path.Combine(AppContext.BaseDirectory, "repository", "sentence-encoder");
        var model = Path.Combine(folder.Path, "sentence-encoder");
        Directory.CreateDirectory(Path.Combine(model, "1"));
        await File.WriteAllTextAsync(Path.Combine(model, "config.json"), config ?? await File.ReadAllTextAsync(Path.Combine(shipped, "config.json")));
        foreach (var file in new[] { "model.onnx", "vocabulary.json" })
            File.Copy(Path.Combine(shipped, "1", file), Path.Combine(model, "1", file));
        var server = await InferenceServer.StartAsync(new() { Port = 0, Repository = folder.Path, Provider = "cpu", Key = key }, clock ?? TimeProvider.System);
        await server.LoadAsync();
        return new(folder, server);
    }

    /// <summary>With another model of a test's, version 1.</summary>
    public static async Task<OwnServer> ServingAsync(string name, byte[] model)
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, name, "1"));
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, name, "1", "model.onnx"), model);
        var server = await InferenceServer.StartAsync(new() { Port = 0, Repository = folder.Path, Provider = "cpu" }, TimeProvider.System);
        await server.LoadAsync();
        return new(folder, server);
    }

    /// <summary>With a repository that is there.</summary>
    public static async Task<OwnServer> OfAsync(string repository)
    {
        var server = await InferenceServer.StartAsync(new() { Port = 0, Repository = repository, Provider = "cpu" }, TimeProvider.System);
        await server.LoadAsync();
        return new(null, server);
    }

    public Task<string> MetricsAsync() => http.GetStringAsync(new Uri("metrics", UriKind.Relative));

    /// <summary>Asks it without the gateway.</summary>
    public Task<HttpResponseMessage> InferAsync(string text) =>
        http.PostAsJsonAsync("v2/models/sentence-encoder/infer", new { inputs = new[] { new { name = "text", shape = new[] { 1 }, datatype = "BYTES", data = new[] { text } } } });

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
        folder?.Dispose();
    }
}
