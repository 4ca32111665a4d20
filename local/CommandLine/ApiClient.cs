using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Local.CommandLine;

/// <summary>The OS's HTTP API as the commands use it: one base address and one key, on this machine or in Azure.</summary>
sealed class ApiClient : IDisposable
{
    readonly HttpClient http;

    public ApiClient(Uri url, string key)
    {
        http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5), AllowAutoRedirect = false }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(100) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Uri Url => http.BaseAddress!;

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(new(HttpMethod.Get, path), cancellationToken);

    public Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: AiOsJson.Options) };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return SendAsync(request, cancellationToken);
    }

    public Task<JsonElement> PutAsync(string path, byte[] content, CancellationToken cancellationToken) =>
        SendAsync(new(HttpMethod.Put, path) { Content = new ByteArrayContent(content) { Headers = { ContentType = new("application/octet-stream") } } }, cancellationToken);

    public Task<JsonElement> PutAsync(string path, object body, CancellationToken cancellationToken) =>
        SendAsync(new(HttpMethod.Put, path) { Content = JsonContent.Create(body, options: AiOsJson.Options) }, cancellationToken);

    public Task<JsonElement> PutZipAsync(string path, byte[] zip, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(zip);
        content.Headers.ContentType = new("application/zip");
        return SendAsync(new(HttpMethod.Put, path) { Content = content }, cancellationToken);
    }

    public Task<JsonElement> DeleteAsync(string path, CancellationToken cancellationToken) => SendAsync(new(HttpMethod.Delete, path), cancellationToken);

    /// <summary>Whether somebody answers at the address at all; the key is not shown for that.</summary>
    public static async Task<bool> AnswersAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var probe = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(5) };
            using var response = await probe.GetAsync(new Uri("api/health", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            HttpResponseMessage response;
            try
            {
                response = await http.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e)
            {
                throw new CommandException($"{Url} does not answer: {e.Message} Start it with ./aios up, or set AIOS_URL.", ExitCode.Unreachable);
            }

            using (response)
            {
                var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                if (response.IsSuccessStatusCode) return bytes.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(bytes);
                throw new CommandException(Explain(response.StatusCode, bytes), ExitCode.Refused);
            }
        }
    }

    static string Explain(HttpStatusCode status, byte[] bytes)
    {
        try
        {
            var problem = JsonSerializer.Deserialize<JsonElement>(bytes);
            var lines = new List<string> { $"{(int)status} {problem.GetProperty("title").GetString()} {problem.GetProperty("detail").GetString()}" };
            if (problem.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 1)
                lines.AddRange(errors.EnumerateArray().Select(e => $"  {e.GetProperty("field").GetString()}: {e.GetProperty("message").GetString()}"));
            return string.Join(Environment.NewLine, lines);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"{(int)status} {status}";
        }
    }

    public void Dispose() => http.Dispose();
}
