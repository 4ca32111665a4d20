using System.Net;
using System.Text;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.DataPlane.Queues;
using AiOs.Local.Hosting;
using AiOs.Local.Hosting.Durable.Management;
using AiOs.Testing;
using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Tests.Hosting;

/// <summary>An embedded host with the functions of this assembly, virtual time, and a real queue.</summary>
sealed class TestHost : IAsyncDisposable
{
    TestHost(EmbeddedHost host, ManualTimeProvider time)
    {
        Host = host;
        Time = time;
        Http = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = host.BaseAddress };
    }

    public EmbeddedHost Host { get; }

    public ManualTimeProvider Time { get; }

    public HttpClient Http { get; }

    public Recorder Recorder => Host.Services.GetRequiredService<Recorder>();

    public IQueue Queue => Host.Services.GetRequiredService<IQueue>();

    public static async Task<TestHost> StartAsync(
        Action<IFunctionsWorkerApplicationBuilder>? configure = null, string hostJson = """{"extensions":{"http":{"routePrefix":""},"queues":{"visibilityTimeout":"00:00:30","maxDequeueCount":3}}}""",
        ManualTimeProvider? time = null, string? directory = null, Recorder? recorder = null, TimeSpan? lease = null, string? disabled = null, ManagementGate? gate = null, string? determinism = null)
    {
        time ??= new();
        var settings = Directory.CreateTempSubdirectory("aios-test-");
        try
        {
            var path = Path.Combine(settings.FullName, "host.json");
            await File.WriteAllTextAsync(path, hostJson);
            var host = await EmbeddedHost.StartAsync(new()
            {
                Assemblies = [typeof(TestHost).Assembly],
                Configuration = new ConfigurationBuilder().AddInMemoryCollection([new("WORK", "Work"), new("LETTERS", "letters"), new("TICK", "0 */10 * * * *"), new($"AzureWebJobs.{disabled}.Disabled", "true"), new("AIOS_DETERMINISM", determinism)]).Build(),
                TimeProvider = time,
                HostJsonPath = path,
                DataDirectory = directory,
                Logging = logging =>
                {
                    if (Environment.GetEnvironmentVariable("AIOS_TEST_LOG") is not null)
                        logging.AddConsole();
                },
                ManagementGate = gate,
                QueueLease = lease ?? TimeSpan.FromHours(10),
                Configure = (worker, configuration) =>
                {
                    worker.Services.AddDataPlane(configuration);
                    worker.Services.AddSingleton(recorder ?? new Recorder());
                    worker.Services.AddScoped<ScopedThing>();
                    worker.Services.Configure<WorkerOptions>(o => o.Serializer = new JsonObjectSerializer(AiOsJson.Options));
                    worker.Services.Configure<Microsoft.AspNetCore.Mvc.JsonOptions>(o => AiOsJson.Apply(o.JsonSerializerOptions));
                    configure?.Invoke(worker);
                },
            });
            return new(host, time);
        }
        finally
        {
            settings.Delete(recursive: true);
        }
    }

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        var (status, body) = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, status);
        return JsonDocument.Parse(body).RootElement;
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    /// <inheritdoc cref="ManualTimeProvider.AdvanceUntilAsync"/>
    public Task AdvanceUntilAsync(Task what, TimeSpan step) => Time.AdvanceUntilAsync(what, step);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
    }
}
