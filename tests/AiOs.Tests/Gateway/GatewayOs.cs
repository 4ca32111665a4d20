using System.Net.Http.Json;
using System.Text.Json;
using AiOs.Security;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Gateway;

/// <summary>The whole OS with a models.yaml of a test's, and what tests ask it.</summary>
sealed class GatewayOs : IAsyncDisposable
{
    readonly TemporaryFolder folder;

    GatewayOs(LocalOs os, TemporaryFolder folder) => (Os, this.folder) = (os, folder);

    public LocalOs Os { get; }

    public HttpClient Http => Os.Http;

    public static async Task<GatewayOs> StartAsync(string models, TimeProvider? clock = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "models.yaml");
        await File.WriteAllTextAsync(file, models);
        var all = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal) { ["AIOS_MODELS"] = file };
        return new GatewayOs(await LocalOs.StartAsync(clock: clock, settings: all), folder);
    }

    /// <summary>The file with one model, <c>support</c>, of these deployments.</summary>
    public static string Models(string more, params string[] deployments) =>
        $"models:\n  support:\n    {more.Replace("\n", "\n    ", StringComparison.Ordinal)}\n    deployments:\n" + string.Concat(deployments.Select(deployment => $"      - {{backend: openai, model: upstream-model, {deployment}}}\n"));

    /// <summary>Writes another models.yaml.</summary>
    public void Change(string models) => File.WriteAllText(folder.File("models.yaml"), models);

    /// <summary>A fresh client of the role client.</summary>
    public Task<HttpClient> ClientAsync() => Os.ClientOfAsync(Role.Client);

    public async Task<string> KeyAsync() => (await Os.Services.GetRequiredService<ClientKeys>().CreateAsync("test", [Role.Client], Principal.System, CancellationToken.None)).Key;

    /// <summary>Asks in one sentence.</summary>
    public async Task<HttpResponseMessage> AskAsync(string question = "What does it cost?", object? more = null, HttpClient? client = null, params (string Name, string Value)[] headers)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal) { ["model"] = "support", ["messages"] = new[] { new { role = "user", content = question } } };
        foreach (var member in more?.GetType().GetProperties() ?? [])
            body[member.Name] = member.GetValue(more);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(body) };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await (client ?? Http).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Asks, and reads what is said.</summary>
    public async Task<string> SaidAsync(string question = "What does it cost?", object? more = null, HttpClient? client = null, params (string Name, string Value)[] headers)
    {
        using var response = await AskAsync(question, more, client, headers);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }

    public static async Task<JsonElement> ErrorAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");

    public async ValueTask DisposeAsync()
    {
        await Os.DisposeAsync();
        folder.Dispose();
    }
}
